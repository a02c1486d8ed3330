//! What cannot be registered.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tonic::Code;

use super::scene::Scene;

/// That a client of that kind cannot register any of these.
pub(super) async fn refused(scene: &Scene, kind: &str, uris: &[&str]) -> Result<()> {
    for uri in uris {
        for (redirect, after) in [(*uri, "https://acme.example/bye"), ("https://acme.example/cb", *uri)] {
            let client = json!({
                "kind": kind, "authMethods": ["AUTH_METHOD_NONE"], "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE"],
                "redirectUris": [redirect], "postLogoutRedirectUris": [after],
            });
            refused_client(scene, &client).await.with_context(|| (*uri).to_owned())?;
        }
    }
    Ok(())
}

async fn refused_client(scene: &Scene, client: &serde_json::Value) -> Result<()> {
    let message = json!({ "parent": "tenants/acme", "clientId": "refused", "client": client });
    let refused = scene.admin().try_call("ClientService/CreateClient", message).await?.err().context("registered")?;
    ensure!(refused.code() == Code::InvalidArgument, "{refused:?}");
    Ok(())
}

pub(super) async fn our_words(scene: &Scene) -> Result<()> {
    let uris: Vec<String> =
        ["code", "state", "iss", "error", "response"].map(|word| format!("https://acme.example/cb?{word}=x")).into();
    refused(scene, "KIND_WEB", &uris.iter().map(String::as_str).collect::<Vec<_>>()).await
}

pub(super) async fn dangerous_schemes(scene: &Scene) -> Result<()> {
    let uris = [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
    ];
    for kind in ["KIND_WEB", "KIND_NATIVE"] {
        refused(scene, kind, &uris).await?;
    }
    for field in ["logoUri", "policyUri", "tosUri"] {
        for uri in uris {
            let mut client = json!({
                "kind": "KIND_WEB", "authMethods": ["AUTH_METHOD_NONE"], "redirectUris": ["https://acme.example/cb"],
                "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE"],
            });
            client[field] = uri.into();
            refused_client(scene, &client).await.with_context(|| format!("{field} {uri}"))?;
        }
    }
    Ok(())
}

pub(super) async fn undotted_scheme(scene: &Scene) -> Result<()> {
    refused(scene, "KIND_NATIVE", &["myapp:/cb", "myapp://cb"]).await?;
    refused(scene, "KIND_WEB", &["com.example.app:/cb"]).await
}

pub(super) async fn plain_http(scene: &Scene) -> Result<()> {
    let uris =
        ["http://acme.example/cb", "http://192.0.2.1/cb", "http://localhost.evil.example/cb", "http://0.0.0.0/cb"];
    for kind in ["KIND_WEB", "KIND_NATIVE"] {
        refused(scene, kind, &uris).await?;
    }
    Ok(())
}

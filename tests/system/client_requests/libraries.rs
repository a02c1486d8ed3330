//! Libraries that others wrote prove clients, push requests and sign them.

use anyhow::Result;
use chancery_tests::{browser::Browser, dev::Client};
use serde_json::{Value, json};

use super::signing::Signer;
use crate::{
    databases::{Database, Site},
    script,
};

#[tokio::test]
async fn openid_client_signs_its_proof_pushes_and_signs_its_request() -> Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let site = database.site().await?;
        for tenant in [&site.first, &site.second] {
            let signer = Signer::register(&site, tenant, "modern", json!({})).await?;
            let is_oidc = tenant.tenant == site.second.tenant;
            drive("openid_requests.mjs", &signer, json!({ "signed_request": is_oidc })).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn oauth4webapi_pushes_a_request() -> Result<()> {
    let site = Database::Sqlite.site().await?;
    for tenant in [&site.first, &site.second] {
        let signer = Signer::register(&site, tenant, "bare", json!({})).await?;
        drive("oauth4webapi_pushes.mjs", &signer, json!({})).await?;
    }
    Ok(())
}

#[tokio::test]
async fn authlib_signs_its_proof_with_a_key_and_with_a_secret() -> Result<()> {
    let site = Database::Sqlite.site().await?;
    let tenant = &site.second;
    let signer = Signer::register(&site, tenant, "library", json!({})).await?;
    drive("authlib_assertions.py", &signer, json!({ "method": "private_key_jwt" })).await?;
    let client = secret_client(&site).await?;
    let task = json!({ "issuer": tenant.issuer, "client": client, "method": "client_secret_jwt" });
    script::run("authlib_assertions.py", &task, &mut Browser::new()?, tenant.user()?).await?;
    Ok(())
}

/// A client that signs with its secret.
async fn secret_client(site: &Site) -> Result<Client> {
    let redirect_uris = vec!["https://signer.example/cb".to_owned()];
    let message = json!({ "parent": format!("tenants/{}", site.second.tenant), "clientId": "secretive", "client": {
        "kind": "KIND_WEB",
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_JWT"],
        "tokenEndpointAuthSigningAlg": "HS256",
        "redirectUris": redirect_uris,
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN", "GRANT_TYPE_CLIENT_CREDENTIALS"],
        "scopes": ["openid", "profile", "email", "offline_access"],
    }});
    let made = site.admin.call("ClientService/CreateClient", message).await?;
    let generated = site.admin.call("ClientService/GenerateClientSecret", json!({ "parent": made["name"] })).await?;
    let client_secret = generated["secret"].as_str().map(str::to_owned);
    Ok(Client { client_id: "secretive".to_owned(), client_secret, redirect_uris, ..Client::default() })
}

pub(super) async fn drive(name: &str, signer: &Signer, more: Value) -> Result<Value> {
    let mut task =
        json!({ "issuer": signer.tenant.issuer, "client": signer.party.client, "key": signer.key.private()? });
    if let (Some(task), Some(more)) = (task.as_object_mut(), more.as_object()) {
        task.extend(more.clone());
    }
    script::run(name, &task, &mut Browser::new()?, signer.tenant.user()?).await
}

//! Certificates of clients.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    http::Reply,
    party::{Party, claims},
};
use serde_json::{Value, json};

use super::trial::Trial;
use crate::{
    authorization::scene::text,
    certificates::{
        authority::{Shown, wanted},
        scene::call,
    },
};

const HOST: &str = "advertised.example";

/// A client that proves itself by that method, with more said of it, and the certificate that it shows.
async fn showing(trial: &Trial<'_>, method: &str, more: &Value) -> Result<(Party, Shown)> {
    let mut client = json!({ "authMethods": [format!("AUTH_METHOD_{}", method.to_uppercase())] });
    let shown = if method == "tls_client_auth" {
        client["tlsClientAuthSanDns"] = HOST.into();
        trial.authority.gives_to(&[HOST])?
    } else {
        let shown = Shown::of_its_own(&wanted(&[HOST])?)?;
        client["jwks"] = json!({ "keys": [shown.jwk()] }).to_string().into();
        shown
    };
    client.as_object_mut().context("an object")?.extend(more.as_object().cloned().unwrap_or_default());
    Ok((trial.client(&client).await?, shown))
}

/// Calls an endpoint as a client that proves itself so.
pub(super) async fn by(trial: &Trial<'_>, method: &str, endpoint: &str, form: &[(&str, &str)]) -> Result<Reply> {
    let (party, shown) = showing(trial, method, &json!({})).await?;
    call(trial.door, &party, Some(&shown), endpoint, form).await
}

/// Each of the endpoints that are named there answers a client with a certificate.
pub(super) async fn aliases(trial: &Trial<'_>) -> Result<()> {
    let (party, shown) = showing(trial, "self_signed_tls_client_auth", &json!({})).await?;
    let aliases = party.metadata["mtls_endpoint_aliases"].as_object().context("an object")?;
    for endpoint in aliases.keys() {
        let (form, status): (&[_], u16) = match endpoint.as_str() {
            "token_endpoint" => (&[("grant_type", "client_credentials")], 200),
            "introspection_endpoint" | "revocation_endpoint" => (&[("token", "a.b.c")], 200),
            "pushed_authorization_request_endpoint" => (&[("response_type", "code"), ("scope", "openid")], 400),
            // This client may not use that grant.
            "device_authorization_endpoint" => (&[("scope", "openid")], 400),
            "userinfo_endpoint" => (&[], 401),
            other => anyhow::bail!("nobody tries {other}"),
        };
        let reply = call(trial.door, &party, Some(&shown), endpoint, form).await?;
        ensure!(reply.status == status && reply.refusal().1 != "invalid_client", "{endpoint}: {reply:?}");
    }
    ensure!(aliases.keys().all(|endpoint| party.metadata.get(endpoint).is_some()), "{aliases:?}");
    Ok(())
}

/// What a client registered to have bound is bound.
pub(super) async fn bound(trial: &Trial<'_>) -> Result<()> {
    let more = json!({ "tlsClientCertificateBoundAccessTokens": true });
    let (party, shown) = showing(trial, "self_signed_tls_client_auth", &more).await?;
    let form = [("grant_type", "client_credentials")];
    let given = call(trial.door, &party, Some(&shown), "token_endpoint", &form).await?.success()?;
    let said = claims(text(&given, "access_token")?)?;
    ensure!(said["cnf"]["x5t#S256"] == shown.thumbprint(), "{said}");
    Ok(())
}

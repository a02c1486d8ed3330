//! Tokens for a device, for another token, and for what an issuer outside asserts.

use anyhow::{Result, ensure};
use chancery_tests::{browser::Browser, party::Party};
use serde_json::json;

use super::scene::{API, Scene, text};

/// A device that asks before anybody has allowed it, and again afterwards (RFC 8628).
pub(super) async fn device(scene: &Scene, script: &str) -> Result<()> {
    let client = scene.client(json!({ "skipConsent": false })).await?;
    scene.run(script, &client, json!({ "flow": "device" })).await?;
    Ok(())
}

/// An API exchanges the token that it was called with for one that another takes (RFC 8693).
pub(super) async fn exchange(scene: &Scene, script: &str) -> Result<()> {
    let (tenant, (resource, scope)) = (&scene.site.second, API);
    let front = Party::discover(tenant, &scene.client(json!({})).await?).await?;
    let given = front.sign_in(&mut Browser::new()?, tenant.user()?, &format!("openid {scope}")).await?;
    let client = scene.client(json!({ "exchangeResources": [tenant.issuer] })).await?;
    let task = json!({
        "flow": "exchange", "subject_token": text(&given, "access_token")?, "resource": resource, "scope": scope,
    });
    let said = scene.run(script, &client, task).await?;
    ensure!(said["act"] == json!({ "sub": client.client_id }), "{said}");
    Ok(())
}

/// A token of an issuer that the tenant trusts is presented (RFC 7523 section 2.1).
pub(super) async fn jwt_bearer(scene: &Scene, script: &str) -> Result<()> {
    let (tenant, (_, scope)) = (&scene.site.second, API);
    let keys = scene.keys(json!([{ "alg": "ES256", "kid": "outside", "use": "sig" }])).await?;
    let client = scene.client(json!({})).await?;
    let outside = format!("https://{}.outside.example", client.client_id);
    let trusted = json!({
        "issuer": outside, "jwks": keys["jwks"], "algorithms": ["ES256"], "scopes": [scope],
        "subjectMapping": "SUBJECT_MAPPING_USERNAME", "clients": [client.client_id],
    });
    let parent = format!("tenants/{}", tenant.tenant);
    let message = json!({ "parent": parent, "trustedIssuerId": client.client_id, "trustedIssuer": trusted });
    scene.site.admin.call("TrustedIssuerService/CreateTrustedIssuer", message).await?;
    let task = json!({
        "flow": "jwt_bearer", "outside": outside, "key": keys["keys"][0]["private"],
        "subject": tenant.user()?.username, "scope": scope,
    });
    let said = scene.run(script, &client, task).await?;
    ensure!(said["scope"] == scope, "{said}");
    Ok(())
}

//! Libraries with a key of their own (RFC 9449): with the server's nonces and without, pushed and not, at both profiles.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{dev::Tenant, installation::found_with};
use serde_json::{Value, json};

use super::scene::Scene;

/// A tenant that wants its nonce in each proof, for one library alone.
async fn wanting_nonces(scene: &Scene, script: &str) -> Result<Tenant> {
    let slug = format!("wanting-{}", script.split('_').next().unwrap_or_default());
    let of = json!({ "profile": "PROFILE_OIDC", "settings": { "dpopNonceRequired": true } });
    found_with(&scene.site.admin, &slug, of).await
}

/// The library as a public and as a confidential client, at a tenant that wants nonces and at others.
pub(super) async fn flows(scene: &Scene, script: &str) -> Result<()> {
    let nonces = &wanting_nonces(scene, script).await?;
    let (first, second) = (&scene.site.first, &scene.site.second);
    let public = json!({ "authMethods": ["AUTH_METHOD_NONE"],
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN"], "responseTypes": ["code"] });
    let bound = json!({ "dpopBoundAccessTokens": true, "responseTypes": ["code"] });
    for (tenant, more, algorithm, pushed) in [
        (first, &public, "ES256", false),
        (second, &bound, "PS256", true),
        (nonces, &public, "ES256", true),
        (nonces, &bound, "EdDSA", false),
    ] {
        let client = scene.client_of(tenant, more.clone()).await?;
        let task = json!({ "algorithm": algorithm, "pushed": pushed });
        let said: Value = scene.run_at(tenant, script, &client, task).await.with_context(|| tenant.tenant.clone())?;
        if let Some(begun_anew) = said["nonces"].as_u64() {
            ensure!((begun_anew > 0) == (tenant.tenant == nonces.tenant), "{}: {said}", tenant.tenant);
        }
    }
    Ok(())
}

//! Answers of the authorization endpoint in every form: in the query, in the fragment, posted, hybrid and signed.

use anyhow::{Result, ensure};
use serde_json::json;

use super::scene::Scene;

/// Codes at both tenants, tokens from the front channel at the one that gives them.
pub(super) async fn openid_client(scene: &Scene, flow: &str, came: &str) -> Result<()> {
    let (first, second) = (&scene.site.first, &scene.site.second);
    let has_codes_alone = flow == "form_post" || flow.starts_with("jarm");
    for tenant in [Some(second), has_codes_alone.then_some(first)].into_iter().flatten() {
        let client = scene.client_of(tenant, json!({})).await?;
        let said = scene.run_at(tenant, "openid_answers.mjs", &client, json!({ "flow": flow })).await?;
        ensure!(said["came"] == came, "{}: {said}", tenant.tenant);
    }
    Ok(())
}

pub(super) async fn oauth4webapi(scene: &Scene, flow: &str) -> Result<()> {
    let client = scene.client(json!({})).await?;
    let said = scene.run("oauth4webapi_answers.mjs", &client, json!({ "flow": flow })).await?;
    ensure!(said["client_id"] == client.client_id.as_str(), "{said}");
    Ok(())
}

pub(super) async fn authlib(scene: &Scene, response_types: &[&str]) -> Result<()> {
    let client = scene.client(json!({})).await?;
    for response_type in response_types {
        let task = json!({ "response_type": response_type, "signed": false });
        scene.run("authlib_answers.py", &client, task).await?;
    }
    Ok(())
}

pub(super) async fn authlib_signed(scene: &Scene) -> Result<()> {
    let client = scene.client(json!({})).await?;
    for response_type in ["code", "code id_token"] {
        let task = json!({ "response_type": response_type, "signed": true });
        scene.run("authlib_answers.py", &client, task).await?;
    }
    Ok(())
}

/// What came, and where, by the library's own checks of signatures and hashes.
pub(super) async fn pyjwt(scene: &Scene) -> Result<()> {
    let client = scene.client(json!({})).await?;
    let usual = ["iss", "session_state", "state"];
    for (response_type, mode, place, more) in [
        ("code id_token token", "fragment", "fragment", &["access_token", "code", "expires_in", "id_token"][..]),
        ("code id_token", "fragment", "fragment", &["code", "id_token"]),
        ("id_token token", "fragment", "fragment", &["access_token", "expires_in", "id_token"]),
        ("id_token", "fragment", "fragment", &["id_token"]),
        ("code", "jwt", "query", &["code"]),
        ("code id_token", "jwt", "fragment", &["code", "id_token"]),
    ] {
        let task = json!({ "response_type": response_type, "response_mode": mode });
        let said = scene.run("pyjwt_answers.py", &client, task).await?;
        ensure!(said["where"] == place, "{response_type} {mode}: {said}");
        let came = |name: &&str| said["came"].as_array().is_some_and(|came| came.contains(&json!(name)));
        ensure!(usual.iter().chain(more).all(&came), "{response_type} {mode}: {said}");
        for token in ["access_token", "code", "id_token"] {
            ensure!(came(&token) == more.contains(&token), "{response_type} {mode}: {said}");
        }
    }
    Ok(())
}

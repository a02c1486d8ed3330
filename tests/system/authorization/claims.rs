//! Single claims, and what a sign-in proved.

use anyhow::{Result, ensure};
use chancery_tests::party::{Party, claims};
use serde_json::{Value, json};

use super::scene::{Scene, refused, text};

/// What the ID token says of a request with these parameters more, and what UserInfo does.
async fn said(scene: &Scene, party: &Party, more: &[(&str, &str)]) -> Result<(Value, Value)> {
    let attempt = party.begin("openid", more)?;
    let code = scene.code(party, &attempt).await?;
    let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
    let about = party.userinfo(text(&tokens, "access_token")?).await?.success()?;
    Ok((claims(text(&tokens, "id_token")?)?, about))
}

pub(super) async fn malformed(scene: &Scene) -> Result<()> {
    let deep = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    for bad in [
        "nonsense".to_owned(),
        "[]".to_owned(),
        "1".to_owned(),
        "null".to_owned(),
        r#"{"userinfo":[]}"#.to_owned(),
        r#"{"userinfo":{"name":"x"}}"#.to_owned(),
        r#"{"userinfo":{"name":{"essential":"yes"}}}"#.to_owned(),
        r#"{"userinfo":{"name":null,"name":null}}"#.to_owned(),
        r#"{"id_token":{},"id_token":{}}"#.to_owned(),
        deep("{\"a\":", "}", 1000),
        deep("[", "]", 4000),
        deep("[", "]", 10_000),
        format!("{{\"a\":\"{}\"}}", "x".repeat(8185)),
    ] {
        let attempt = scene.web.begin("openid", &[("claims", &bad)])?;
        refused(&scene.web, &attempt, &attempt.url, "invalid_request").await?;
    }
    Ok(())
}

pub(super) async fn single(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        ensure!(party.metadata["claims_parameter_supported"] == true);
        let wanted = json!({
            "userinfo": { "name": { "essential": true }, "favourite_colour": null },
            "id_token": { "email": { "essential": true }, "nickname": { "value": "x" } },
        });
        let (id_token, about) = said(scene, party, &[("claims", &wanted.to_string())]).await?;
        ensure!(about["name"] == "Ann Example" && about.get("email").is_none(), "{about}");
        ensure!(id_token["email"].is_string() && id_token.get("name").is_none(), "{id_token}");
        ensure!(about.as_object().is_some_and(|all| all.len() == 2), "more than was asked for: {about}");

        let (id_token, about) = said(scene, party, &[]).await?;
        ensure!(about.get("name").is_none() && id_token.get("email").is_none(), "{about} {id_token}");
        let other = json!({ "userinfo": { "name": { "value": "Somebody Else" } } });
        let (_, about) = said(scene, party, &[("claims", &other.to_string())]).await?;
        ensure!(about.get("name").is_none(), "{about}");
    }
    Ok(())
}

pub(super) async fn acr(scene: &Scene) -> Result<()> {
    let party = &scene.hybrid;
    let supported = party.metadata["acr_values_supported"].as_array().cloned().unwrap_or_default();
    ensure!(supported.len() == 1, "{supported:?}");
    let password = supported[0].as_str().unwrap_or_default();
    let wanted = |acr: Value| json!({ "id_token": { "acr": acr } }).to_string();
    let one_of = wanted(json!({ "essential": true, "values": ["gold", password] }));
    for more in [[("acr_values", password)], [("acr_values", "1 2")], [("claims", &one_of)]] {
        let (id_token, _) = said(scene, party, &more).await?;
        ensure!(id_token["acr"] == password && id_token["amr"] == json!(["pwd"]), "{more:?}: {id_token}");
    }
    let unmet = wanted(json!({ "essential": true, "value": "gold" }));
    let attempt = party.begin("openid", &[("claims", &unmet)])?;
    refused(party, &attempt, &attempt.url, "unmet_authentication_requirements").await?;
    Ok(())
}

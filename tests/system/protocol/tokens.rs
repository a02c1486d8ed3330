//! The ID token (OpenID Connect Core section 2).

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::party::{Attempt, Party, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::discovery::{listed, profiles};
use crate::{
    authorization::scene::{Scene, text},
    client_keys::now,
    verifier::Verifier,
};

/// That an ID token says what every one says. Gives what it says.
async fn sound(party: &Party, id_token: &str) -> Result<Value> {
    let said = Verifier::of(party).await?.verify(id_token, &party.client.client_id).await?;
    ensure!(said["iss"] == party.metadata["issuer"], "{said}");
    let id = party.client.client_id.as_str();
    let names_it = said["aud"] == id || said["aud"].as_array().is_some_and(|all| all.contains(&json!(id)));
    ensure!(names_it, "{said}");
    let seconds = |claim: &str| said[claim].as_i64().with_context(|| format!("{claim} is no whole number in {said}"));
    let (issued, ends) = (seconds("iat")?, seconds("exp")?);
    ensure!((now() - 60..=now() + 5).contains(&issued) && issued < ends && ends <= issued + 86_400, "{said}");
    ensure!(seconds("auth_time")? <= issued, "{said}");
    let sub = text(&said, "sub")?;
    ensure!((1..=255).contains(&sub.len()) && sub.bytes().all(|byte| (0x20..=0x7E).contains(&byte)), "{sub}");
    let keys = party.keys().await?.success()?;
    let kid = header(id_token)?["kid"].clone();
    ensure!(keys["keys"].as_array().is_some_and(|keys| keys.iter().any(|key| key["kid"] == kid)), "{kid} in {keys}");
    Ok(said)
}

/// Half of a hash, for the algorithms with SHA-256.
fn half(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text)[..16])
}

pub(super) async fn id_token(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.backend, &scene.hybrid] {
        let attempt = party.begin("openid offline_access", &[])?;
        let code = scene.code(party, &attempt).await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        let said = sound(party, text(&tokens, "id_token")?).await?;
        ensure!(said["nonce"] == attempt.nonce.as_str(), "{said}");
        ensure!(said["at_hash"] == half(text(&tokens, "access_token")?), "{said}");
        let again = party.refresh(text(&tokens, "refresh_token")?).await?.success()?;
        let refreshed = sound(party, text(&again, "id_token")?).await?;
        ensure!(refreshed["at_hash"] == half(text(&again, "access_token")?), "{refreshed}");
    }
    let party = &scene.hybrid;
    for response_type in ["id_token", "id_token token", "code id_token", "code id_token token"] {
        let attempt = party.begin("openid", &[])?;
        let attempt = Attempt { url: attempt.with("response_type", response_type), ..attempt };
        let answer = scene.answer(party, &attempt).await?;
        let said = sound(party, &answer["id_token"]).await?;
        ensure!(said["nonce"] == attempt.nonce.as_str(), "{response_type}: {said}");
    }
    Ok(())
}

pub(super) async fn usual_algorithm(scene: &Scene) -> Result<()> {
    let fresh = scene.confidential(&scene.hybrid, &json!({})).await?;
    for party in [&scene.hybrid, &fresh] {
        let attempt = party.begin("openid", &[])?;
        let code = scene.code(party, &attempt).await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        ensure!(header(text(&tokens, "id_token")?)?["alg"] == "RS256", "{tokens}");
    }
    for party in profiles(scene) {
        let members = party.metadata.as_object().context("an object")?;
        for member in members.keys().filter(|name| name.contains("_alg_")) {
            ensure!(!listed(party, member).contains(&"none"), "none is offered in {member}");
        }
        for alg in ["none", "None", "NONE"] {
            let client = json!({ "idTokenSignedResponseAlg": alg });
            let refused = scene.confidential(party, &client).await.err().with_context(|| format!("{alg} was taken"))?;
            ensure!(format!("{refused:#}").contains("InvalidArgument"), "{refused:#}");
        }
    }
    Ok(())
}

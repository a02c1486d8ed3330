//! Clients that use one challenge or one nonce for everybody. The operator reads of it in the audit; nobody else notices.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    party::{Attempt, Party},
};
use serde_json::{Value, json};
use url::Url;

use super::scene::{Scene, text};

/// How long an event of a client may take to get its place.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn warned_of(scene: &Scene) -> Result<()> {
    let [careless, returning, marker] = [client(scene).await?, client(scene).await?, client(scene).await?];
    let both = ["constant_challenge", "constant_nonce"];

    // One person, who loads the page again, and goes back to it once they have signed out: each time it works.
    let attempt = returning.begin("openid", &[])?;
    let mut browser = Browser::new()?;
    given(scene, &returning, &mut browser, &attempt).await?;
    let tokens = given(scene, &returning, &mut browser, &attempt).await?;
    sign_out(&returning, &mut browser, &tokens).await?;
    given(scene, &returning, &mut browser, &attempt).await?;

    // One challenge and one nonce in every browser.
    let attempt = careless.begin("openid", &[])?;
    for _ in 0..3 {
        given(scene, &careless, &mut Browser::new()?, &attempt).await?;
    }
    // The challenge alone, by a client that chooses its nonces.
    let attempt = marker.begin("openid", &[])?;
    for nonce in ["one", "two"] {
        let attempt = Attempt { url: attempt.with("nonce", nonce), ..attempt.clone() };
        given(scene, &marker, &mut Browser::new()?, &attempt).await?;
    }

    // What clients do gets its place in the order in which it was done, so with the last warning all are there.
    let begun = Instant::now();
    while told_of(scene, &marker).await?.is_empty() {
        ensure!(begun.elapsed() < PATIENCE, "no event of it was linked");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    ensure!(told_of(scene, &marker).await? == both[..1], "{:?}", told_of(scene, &marker).await?);
    ensure!(told_of(scene, &careless).await? == both, "{:?}", told_of(scene, &careless).await?);
    ensure!(told_of(scene, &returning).await?.is_empty(), "{:?}", told_of(scene, &returning).await?);
    Ok(())
}

async fn client(scene: &Scene) -> Result<Party> {
    scene.confidential(&scene.backend, &json!({})).await
}

/// The tokens for that attempt.
async fn given(scene: &Scene, party: &Party, browser: &mut Browser, attempt: &Attempt) -> Result<Value> {
    let code = party.obtain_code(browser, scene.tenant(party).user()?, attempt).await?;
    party.redeem(&code, &attempt.verifier).await?.success()
}

async fn sign_out(party: &Party, browser: &mut Browser, tokens: &Value) -> Result<()> {
    let mut out = Url::parse(party.endpoint("end_session_endpoint")?)?;
    out.query_pairs_mut().append_pair("id_token_hint", text(tokens, "id_token")?);
    browser.open(out.as_str()).await?.page()?;
    let silent = party.begin("openid", &[("prompt", "none")])?;
    let away = browser.open(silent.url.as_str()).await?.away()?;
    ensure!(away.as_str().contains("login_required"), "{away}");
    Ok(())
}

/// The reasons of the warnings about a client, in alphabetical order.
async fn told_of(scene: &Scene, party: &Party) -> Result<Vec<String>> {
    let id = &party.client.client_id;
    let asked = json!({
        "parent": format!("tenants/{}", scene.tenant(party).tenant),
        "filter": format!("action = \"client.constant_value\" AND object = \"{id}\""),
    });
    let listed = scene.admin().call("AuditService/ListAuditEvents", asked).await?;
    let mut reasons = Vec::new();
    for event in listed["auditEvents"].as_array().into_iter().flatten() {
        let of_it = event["actorKind"] == "client" && event["actor"] == id.as_str() && event["objectKind"] == "client";
        ensure!(of_it && event["outcome"] == "OUTCOME_DONE", "{event}");
        reasons.push(event["reason"].as_str().context("no reason")?.to_owned());
    }
    reasons.sort();
    Ok(reasons)
}

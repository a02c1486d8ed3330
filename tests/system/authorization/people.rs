//! Sessions, pages in between, and hints of who is meant.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::{
    browser::{Browser, answer_in},
    installation::found_with,
    party::{Party, claims},
};
use serde_json::json;

use super::scene::{Scene, refused, sent_back, text};
use crate::making::until;

pub(super) async fn silence(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[("prompt", "none")])?;
    refused(party, &attempt, &attempt.url, "login_required").await?;

    // Signed in, and asked about less than this.
    let user = scene.site.first.user()?;
    let fresh = scene.client("KIND_WEB", &["https://fresh.example/cb"]).await?;
    let name = format!("tenants/acme/clients/{}", fresh.client.client_id);
    let client = json!({ "client": { "name": name, "skipConsent": false }, "updateMask": "skipConsent" });
    scene.admin().call("ClientService/UpdateClient", client).await?;
    until("people are asked", async || {
        let attempt = fresh.begin("openid", &[("prompt", "none")])?;
        let landing = scene.signed_in(&fresh)?.open(attempt.url.as_str()).await?;
        Ok(sent_back(&fresh, &attempt, landing, "consent_required").is_ok())
    })
    .await?;
    let attempt = fresh.begin("openid", &[])?;
    let mut browser = scene.signed_in(&fresh)?;
    browser.authorize(attempt.url.as_str(), user, fresh.redirect_uri()?).await?;

    // With everything there: at once, about the same person, who proved it when they did.
    let [first, second] =
        [fresh.begin("openid", &[("prompt", "none")])?, fresh.begin("openid", &[("prompt", "none")])?];
    let mut said = Vec::new();
    for attempt in [&first, &second] {
        let away = browser.open(attempt.url.as_str()).await?.away()?;
        let code = fresh.code_in(&answer_in(&away, fresh.redirect_uri()?)?, attempt)?;
        let tokens = fresh.redeem(&code, &attempt.verifier).await?.success()?;
        said.push(claims(text(&tokens, "id_token")?)?);
    }
    ensure!(said[0]["sub"] == said[1]["sub"] && said[0]["auth_time"] == said[1]["auth_time"], "{said:?}");
    let attempt = fresh.begin("openid email", &[("prompt", "none")])?;
    sent_back(&fresh, &attempt, browser.open(attempt.url.as_str()).await?, "consent_required")?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let attempt = fresh.begin("openid", &[("prompt", "none"), ("max_age", "1")])?;
    sent_back(&fresh, &attempt, browser.open(attempt.url.as_str()).await?, "login_required")?;
    Ok(())
}

pub(super) async fn again(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let user = scene.site.first.user()?;
    let mut browser = Browser::new()?;
    let auth_time = async |browser: &mut Browser, more: &[(&str, &str)]| -> Result<i64> {
        let attempt = party.begin("openid", more)?;
        let code = party.obtain_code(browser, user, &attempt).await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        claims(text(&tokens, "id_token")?)?["auth_time"].as_i64().context("no auth_time")
    };
    let first = auth_time(&mut browser, &[]).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    ensure!(auth_time(&mut browser, &[("max_age", "10000")]).await? == first, "within its time");
    for more in [[("prompt", "login")], [("max_age", "1")], [("prompt", "select_account")]] {
        let shown = browser.open(party.begin("openid", &more)?.url.as_str()).await?.page()?;
        ensure!(shown.has("login-submit"), "{more:?}: {}", shown.html);
    }
    let second = auth_time(&mut browser, &[("prompt", "login")]).await?;
    ensure!(second > first, "{second} {first}");
    // Long enough for a slow machine to be back with the answer in time.
    tokio::time::sleep(Duration::from_secs(7)).await;
    ensure!(auth_time(&mut browser, &[("max_age", "6")]).await? > second);
    let consent = browser.open(party.begin("openid", &[("prompt", "consent")])?.url.as_str()).await?.page()?;
    ensure!(consent.has("consent-allow"), "{}", consent.html);
    Ok(())
}

pub(super) async fn refuses(scene: &Scene) -> Result<()> {
    let attempt = scene.web.begin("openid", &[("prompt", "consent")])?;
    let mut browser = scene.signed_in(&scene.web)?;
    let page = browser.open(attempt.url.as_str()).await?.page()?;
    sent_back(&scene.web, &attempt, browser.press(&page, "consent-deny").await?, "access_denied")?;
    Ok(())
}

pub(super) async fn offline(scene: &Scene) -> Result<()> {
    for party in [&scene.web, &scene.hybrid] {
        let user = scene.tenant(party).user()?;
        let attempt = party.begin("openid offline_access", &[("prompt", "consent")])?;
        let code = party.obtain_code(&mut scene.signed_in(party)?, user, &attempt).await?;
        let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
        party.refresh(text(&tokens, "refresh_token")?).await?.success()?;
    }
    Ok(())
}

pub(super) async fn foreign_hints(scene: &Scene) -> Result<()> {
    let party = &scene.web;
    let attempt = party.begin("openid", &[])?;
    let code = scene.code(party, &attempt).await?;
    let tokens = party.redeem(&code, &attempt.verifier).await?.success()?;
    let ours = text(&tokens, "id_token")?;
    let theirs = {
        let attempt = scene.hybrid.begin("openid", &[])?;
        let code = scene.code(&scene.hybrid, &attempt).await?;
        scene.hybrid.redeem(&code, &attempt.verifier).await?.success()?
    };
    let jws: Vec<_> = ours.split('.').collect();
    let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
    let mut forged = jws[2].to_owned();
    forged.replace_range(..1, if forged.starts_with('A') { "B" } else { "A" });
    for hint in [
        format!("{header}.{}.", jws[1]),
        format!("{header}.{}.{}", jws[1], jws[2]),
        format!("{}.{}.{forged}", jws[0], jws[1]),
        text(&theirs, "id_token")?.to_owned(),
        text(&tokens, "access_token")?.to_owned(),
        "nonsense".to_owned(),
    ] {
        let attempt = party.begin("openid", &[("prompt", "none"), ("id_token_hint", &hint)])?;
        let landing = scene.signed_in(party)?.open(attempt.url.as_str()).await?;
        sent_back(party, &attempt, landing, "invalid_request")?;
    }
    // A hint of ours is about its person: it works while they are there, and switches to nobody.
    let silent = party.begin("openid", &[("prompt", "none"), ("id_token_hint", ours)])?;
    scene.code(party, &silent).await?;
    let (mut browser, password) = (Browser::new()?, "another-correct-horse");
    let username = second_person(scene, password).await?;
    let attempt = party.begin("openid", &[])?;
    let page = browser.open(attempt.url.as_str()).await?.page()?;
    browser.log_in(&page, &username, password).await?;
    sent_back(party, &silent, browser.open(silent.url.as_str()).await?, "login_required")?;
    let loud = party.begin("openid", &[("id_token_hint", ours)])?;
    let page = browser.open(loud.url.as_str()).await?.page()?;
    let landing = browser.log_in(&page, &username, password).await?;
    sent_back(party, &loud, landing, "login_required")?;
    Ok(())
}

/// Somebody else at the first tenant.
async fn second_person(scene: &Scene, password: &str) -> Result<String> {
    let username = format!("second.{}", &chancery_tests::party::random_text()[..8]).replace('_', "x");
    let user = json!({ "parent": "tenants/acme", "user": { "username": username } });
    let name = scene.admin().call("UserService/CreateUser", user).await?["name"].clone();
    let link = scene.admin().call("UserService/CreatePasswordLink", json!({ "name": name })).await?;
    Browser::new()?.choose_password(text(&link, "uri")?, password).await?;
    Ok(username)
}

pub(super) async fn sign_up(scene: &Scene) -> Result<()> {
    let settings = json!({ "profile": "PROFILE_OAUTH21", "settings": { "signUpUri": "https://joiners.example/join" } });
    let tenant = found_with(scene.admin(), "joiners", settings).await?;
    let party = Party::discover(&tenant, tenant.public_client()?).await?;
    let prompts = &party.metadata["prompt_values_supported"];
    ensure!(prompts.as_array().is_some_and(|all| all.contains(&json!("create"))), "{prompts}");
    let attempt = party.begin("openid", &[("prompt", "create"), ("login_hint", "new@example.com")])?;
    let mut browser = Browser::new()?;
    let away = browser.open(attempt.url.as_str()).await?.away()?;
    ensure!(away.as_str().starts_with("https://joiners.example/join?"), "{away}");
    let told: std::collections::BTreeMap<_, _> = away.query_pairs().into_owned().collect();
    ensure!(told["client_id"] == party.client.client_id && told["login_hint"] == "new@example.com", "{told:?}");
    ensure!(told["return_to"].starts_with(&tenant.issuer), "{told:?}");

    // The account is there now; back with the browser, and on to the application.
    let back = browser.open(&told["return_to"]).await?.page()?;
    let user = tenant.user()?;
    let mut landing = browser.log_in(&back, &user.username, &user.password).await?;
    if let chancery_tests::browser::Landing::Page(page) = &landing {
        landing = browser.press(page, "consent-allow").await?;
    }
    let code = party.code_in(&answer_in(&landing.away()?, party.redirect_uri()?)?, &attempt)?;
    party.redeem(&code, &attempt.verifier).await?.success()?;

    let foreign = Browser::new()?.open(&told["return_to"]).await?.page()?;
    ensure!(foreign.status == 400, "in another browser: {}", foreign.status);
    // Without such a place it is not offered.
    let attempt = scene.web.begin("openid", &[("prompt", "create")])?;
    refused(&scene.web, &attempt, &attempt.url, "invalid_request").await?;
    Ok(())
}

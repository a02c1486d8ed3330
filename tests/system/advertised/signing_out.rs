//! How applications hear that somebody signed out.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::{Browser, Landing},
    party::{Party, claims},
};
use reqwest::Method;
use serde_json::{Map, Value, json};
use url::Url;

use super::trial::Trial;
use crate::authorization::scene::text;

/// Signs somebody in anew with that client, and out again. Gives what its ID token said, and where the browser came to.
async fn in_and_out(trial: &Trial<'_>, party: &Party) -> Result<(Value, Landing)> {
    let mut browser = Browser::new()?;
    let tokens = party.sign_in(&mut browser, trial.tenant.user()?, "openid").await?;
    let id_token = text(&tokens, "id_token")?;
    let mut url = Url::parse(party.endpoint("end_session_endpoint")?)?;
    let after = party.client.post_logout_redirect_uris.first().context("nowhere to go")?;
    let parameters = [("id_token_hint", id_token), ("post_logout_redirect_uri", after), ("state", "so long")];
    url.query_pairs_mut().extend_pairs(parameters);
    Ok((claims(id_token)?, browser.open(url.as_str()).await?))
}

pub(super) async fn end_session(trial: &Trial<'_>) -> Result<()> {
    let (_, landing) = in_and_out(trial, &trial.party).await?;
    let away = landing.away()?;
    let after = &trial.party.client.post_logout_redirect_uris[0];
    ensure!(away.as_str().starts_with(after.as_str()), "{away}");
    ensure!(away.query_pairs().any(|(name, value)| name == "state" && value == "so long"), "{away}");
    Ok(())
}

pub(super) async fn backchannel(trial: &Trial<'_>) -> Result<()> {
    let conduct = format!("{}-told", trial.tenant.tenant);
    let origin = &trial.applications.origin;
    let more = json!({
        "backchannelLogoutUri": format!("{origin}/{conduct}"), "backchannelLogoutSessionRequired": true,
        "redirectUris": [format!("{origin}/callback")], "postLogoutRedirectUris": [format!("{origin}/bye")],
    });
    let party = trial.client(&more).await?;
    let before = trial.applications.tokens(&conduct).len();
    let (said, _) = in_and_out(trial, &party).await?;
    let tokens = trial.applications.until(&conduct, before + 1).await?;
    let token = claims(tokens.last().context("none")?)?;
    ensure!(token["sid"] == said["sid"] && token["sub"] == said["sub"], "{token} {said}");
    Ok(())
}

/// A client with a page that is loaded, and what the last page of a sign-out says.
async fn loaded(trial: &Trial<'_>) -> Result<(Value, Landing)> {
    let origin = &trial.applications.origin;
    let more = json!({
        "frontchannelLogoutUri": format!("{origin}/out"), "frontchannelLogoutSessionRequired": true,
        "redirectUris": [format!("{origin}/callback")], "postLogoutRedirectUris": [format!("{origin}/bye")],
    });
    let party = trial.client(&more).await?;
    in_and_out(trial, &party).await
}

pub(super) async fn frontchannel(trial: &Trial<'_>) -> Result<()> {
    let (said, landing) = loaded(trial).await?;
    let page = landing.page()?;
    let frame = page.html.split("<iframe").nth(1).and_then(|rest| rest.split("src=\"").nth(1)).context("no frame")?;
    let frame = frame.split('"').next().unwrap_or_default().replace("&#38;", "&").replace("&amp;", "&");
    let frame = Url::parse(&frame)?;
    let told = |name: &str| frame.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    ensure!(frame.as_str().starts_with(&format!("{}/out?", trial.applications.origin)), "{frame}");
    ensure!(told("iss").as_ref() == Some(&trial.tenant.issuer), "{frame}");
    ensure!(told("sid").as_deref() == said["sid"].as_str(), "{frame} {said}");
    Ok(())
}

pub(super) async fn check_session(trial: &Trial<'_>) -> Result<()> {
    let page = Browser::new()?.open(trial.party.endpoint("check_session_iframe")?).await?.page()?;
    ensure!(page.status == 200 && page.html.contains("postMessage"), "{}", page.html);
    ensure!(!page.html.contains("crypto.subtle"), "not without TLS");
    let attempt = trial.party.begin("openid", &[])?;
    let answer = trial.answer(&trial.party, &attempt).await?;
    let state = answer.get("session_state").with_context(|| format!("{answer:?}"))?;
    ensure!(!state.is_empty() && !state.contains(' '), "{state}");
    Ok(())
}

/// The members are there exactly when the feature is on.
pub(super) async fn exactly_when_on(trial: &Trial<'_>, members: &Map<String, Value>) -> Result<()> {
    let on = trial.kind.on && trial.kind.is_oidc();
    for member in ["frontchannel_logout_supported", "frontchannel_logout_session_supported", "check_session_iframe"] {
        ensure!(members.contains_key(member) == on, "{member} of {}", trial.kind.slug);
    }
    for member in ["backchannel_logout_supported", "backchannel_logout_session_supported", "end_session_endpoint"] {
        ensure!(members.contains_key(member), "{member} of {}", trial.kind.slug);
    }
    if !on {
        let (_, landing) = loaded(trial).await?;
        ensure!(matches!(&landing, Landing::Away(_)), "a page with frames: {landing:?}");
        ensure!(trial.status(Method::GET, "/oauth2/check_session").await? == 404, "a page that is not advertised");
        let attempt = trial.party.begin("openid", &[])?;
        let answer = trial.answer(&trial.party, &attempt).await?;
        ensure!(!answer.contains_key("session_state"), "{answer:?}");
    }
    Ok(())
}

//! Requests that are pushed, and those that clients sign.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::Browser,
    http::{Http, Reply},
    party::{Attempt, Party},
};
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::{proofs::signer, trial::Trial};
use crate::{
    client_keys::{ClientKey, now},
    script,
};

pub(super) async fn pushed(trial: &Trial<'_>) -> Result<()> {
    let party = &trial.party;
    let attempt = party.begin("openid", &[])?;
    let form: Vec<_> = attempt.url.query_pairs().into_owned().filter(|(name, _)| name != "client_id").collect();
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let reply = party.call("pushed_authorization_request_endpoint", &form).await?;
    ensure!(reply.status == 201, "{reply:?}");
    let reference = reply.body["request_uri"].as_str().context("no request_uri")?;
    let url = asking(party, &[("client_id", &party.client.client_id), ("request_uri", reference)])?;
    party.code_in(&trial.answer(party, &Attempt { url, ..attempt.clone() }).await?, &attempt)?;
    Ok(())
}

fn asking(party: &Party, parameters: &[(&str, &str)]) -> Result<Url> {
    let mut url = Url::parse(party.endpoint("authorization_endpoint")?)?;
    url.query_pairs_mut().extend_pairs(parameters);
    Ok(url)
}

/// What an attempt asks, signed.
fn object(trial: &Trial<'_>, party: &Party, key: &ClientKey, attempt: &Attempt) -> Result<String> {
    let mut claims = json!({ "iss": party.client.client_id, "aud": trial.tenant.issuer, "exp": now() + 60 });
    for (name, value) in attempt.url.query_pairs() {
        claims[name.as_ref()] = value.as_ref().into();
    }
    key.sign("oauth-authz-req+jwt", &claims)
}

/// The least that stands beside an object, with a place to answer to.
fn beside(party: &Party, attempt: &Attempt, more: (&str, &str)) -> Result<Attempt> {
    let usual = [
        ("client_id", party.client.client_id.as_str()),
        ("response_type", "code"),
        ("scope", "openid"),
        ("redirect_uri", party.redirect_uri()?),
        ("state", &attempt.state),
        more,
    ];
    Ok(Attempt { url: asking(party, &usual)?, ..attempt.clone() })
}

async fn error(trial: &Trial<'_>, party: &Party, attempt: &Attempt) -> Result<String> {
    let answer = trial.answer(party, attempt).await?;
    answer.get("error").cloned().with_context(|| format!("{answer:?}"))
}

pub(super) async fn by_value(trial: &Trial<'_>) -> Result<()> {
    let (party, key) = signer(trial, "ES256", &json!({})).await?;
    let attempt = party.begin("openid", &[])?;
    let signed = object(trial, &party, &key, &attempt)?;
    let attempt = beside(&party, &attempt, ("request", &signed))?;
    if trial.metadata()["request_parameter_supported"] == true {
        party.code_in(&trial.answer(&party, &attempt).await?, &attempt).map(drop)
    } else {
        ensure!(error(trial, &party, &attempt).await? == "request_not_supported");
        Ok(())
    }
}

/// Signed, then encrypted in every way that is advertised.
pub(super) async fn encrypted(trial: &Trial<'_>) -> Result<()> {
    let (party, key) = signer(trial, "ES256", &json!({})).await?;
    let attempt = party.begin("openid", &[])?;
    let task = json!({ "issuer": trial.tenant.issuer, "text": object(trial, &party, &key, &attempt)? });
    let told = script::run("jose_seals.mjs", &task, &mut Browser::new()?, trial.tenant.user()?).await?;
    let sealed = told["sealed"].as_array().context("nothing was encrypted")?;
    let ways = ["alg", "enc"].map(|of| trial.listed(&format!("request_object_encryption_{of}_values_supported")).len());
    ensure!(sealed.len() == ways[0] * ways[1], "{told}");
    for one in sealed {
        let text = one["text"].as_str().context("no text")?;
        let sent = beside(&party, &attempt, ("request", text))?;
        party.code_in(&trial.answer(&party, &sent).await?, &attempt).with_context(|| one.to_string())?;
    }
    Ok(())
}

/// A client registers itself, and goes again (RFC 7591, RFC 7592).
pub(super) async fn registered(trial: &Trial<'_>) -> Result<()> {
    let http = Http::new()?;
    let asked = json!({ "redirect_uris": ["https://stranger.example/cb"] });
    let request = http.post(trial.party.endpoint("registration_endpoint")?)?.json(&asked);
    let reply = Reply::read(request.send().await?).await?;
    ensure!(reply.status == 201, "{reply:?}");
    let told = |member: &str| reply.body[member].as_str().context(member.to_owned());
    let place = Url::parse(told("registration_client_uri")?)?;
    let gone = http.request(Method::DELETE, &place).bearer_auth(told("registration_access_token")?).send().await?;
    ensure!(gone.status() == 204, "{gone:?}");
    Ok(())
}

pub(super) async fn by_reference(trial: &Trial<'_>) -> Result<()> {
    let path = format!("/{}/request.jwt", trial.tenant.tenant);
    let uri = trial.web.uri(&path);
    let taken = trial.metadata()["request_uri_parameter_supported"] == true;
    // Where none is taken, none can be registered.
    let more = if taken { json!({ "requestUris": [uri] }) } else { json!({}) };
    let (party, key) = signer(trial, "ES256", &more).await?;
    let attempt = party.begin("openid", &[])?;
    trial.web.publish(&path, &object(trial, &party, &key, &attempt)?);
    let attempt = beside(&party, &attempt, ("request_uri", &uri))?;
    if taken {
        party.code_in(&trial.answer(&party, &attempt).await?, &attempt)?;
        ensure!(trial.web.asked(&path) == 1, "it was not fetched once");
    } else {
        ensure!(error(trial, &party, &attempt).await? == "request_uri_not_supported");
        ensure!(trial.web.asked(&path) == 0, "it was fetched");
    }
    Ok(())
}

pub(super) async fn unregistered(trial: &Trial<'_>) -> Result<()> {
    ensure!(trial.metadata()["require_request_uri_registration"] == true, "anything would be fetched");
    let path = format!("/{}/unregistered.jwt", trial.tenant.tenant);
    let (party, key) = signer(trial, "ES256", &json!({})).await?;
    let attempt = party.begin("openid", &[])?;
    trial.web.publish(&path, &object(trial, &party, &key, &attempt)?);
    let attempt = beside(&party, &attempt, ("request_uri", &trial.web.uri(&path)))?;
    ensure!(error(trial, &party, &attempt).await? == "request_uri_not_supported");
    ensure!(trial.web.asked(&path) == 0, "it was fetched");
    Ok(())
}

pub(super) async fn algorithms(trial: &Trial<'_>) -> Result<()> {
    for alg in trial.listed("request_object_signing_alg_values_supported") {
        let (party, key) = signer(trial, alg, &json!({ "requestObjectSigningAlg": alg })).await?;
        let attempt = party.begin("openid", &[])?;
        let signed = object(trial, &party, &key, &attempt)?;
        // By a form: some of them are long.
        let asked = beside(&party, &attempt, ("request", &signed))?;
        let mut action = asked.url.clone();
        action.set_query(None);
        let fields = asked.url.query_pairs().into_owned().collect();
        let form = chancery_tests::page::Form { action, post: true, fields };
        let away = trial.browser()?.send(&form).await?.away().with_context(|| alg.to_owned())?;
        let answer = chancery_tests::browser::answer_in(&away, party.redirect_uri()?)?;
        party.code_in(&answer, &attempt).with_context(|| alg.to_owned())?;
    }
    Ok(())
}

//! Requests that clients sign.

use anyhow::{Result, ensure};
use chancery_tests::{
    browser::{Browser, Landing},
    party::Attempt,
};
use serde_json::{Value, json};
use url::Url;

use super::signing::Signer;
use crate::{
    client_keys::{ClientKey, changed, now},
    databases::{Database, Site},
};

#[tokio::test]
async fn t125_t146_t147_t148_request_objects_on_sqlite() -> Result<()> {
    objects(&Database::Sqlite.site().await?).await
}

#[tokio::test]
async fn t125_t146_t147_t148_request_objects_on_postgres() -> Result<()> {
    objects(&Database::Postgres.site().await?).await
}

async fn objects(site: &Site) -> Result<()> {
    let signer = Signer::register(site, &site.second, "objects", json!({})).await?;
    signed_wins(&signer).await?;
    t147_t148_t125_refused(&signer).await?;
    t146_elsewhere(&signer).await?;
    metadata(&signer)?;
    let strict = json!({ "requireSignedRequestObject": true, "requestObjectSigningAlg": "ES256" });
    must_sign(&Signer::register(site, &site.second, "must-sign", strict).await?).await?;
    let newer = Signer::register(site, &site.first, "objects", json!({})).await?;
    let attempt = newer.party.begin("openid", &[])?;
    told(&newer, &attempt, &object(&newer, &attempt, &json!({}))?, "request_not_supported", "oauth21").await
}

/// A signed request for what the attempt asks, with changes.
pub(super) fn claims(signer: &Signer, attempt: &Attempt, change: &Value) -> Value {
    let mut claims = json!({ "iss": signer.id(), "aud": signer.tenant.issuer, "exp": now() + 60 });
    for (name, value) in attempt.url.query_pairs() {
        claims[name.as_ref()] = value.as_ref().into();
    }
    changed(claims, change)
}

pub(super) fn object(signer: &Signer, attempt: &Attempt, change: &Value) -> Result<String> {
    signer.key.sign("oauth-authz-req+jwt", &claims(signer, attempt, change))
}

/// What OpenID Connect wants beside an object, and a place to answer to.
pub(super) fn beside(signer: &Signer, attempt: &Attempt, more: &[(&str, &str)]) -> Result<Url> {
    let mut url = Url::parse(signer.party.endpoint("authorization_endpoint")?)?;
    let usual = [("client_id", signer.id()), ("response_type", "code"), ("scope", "openid")];
    let back = [("redirect_uri", signer.party.redirect_uri()?), ("state", attempt.state.as_str())];
    url.query_pairs_mut().extend_pairs(usual).extend_pairs(back).extend_pairs(more);
    Ok(url)
}

async fn signed_wins(signer: &Signer) -> Result<()> {
    let attempt = signer.party.begin("openid email", &[])?;
    let object = object(signer, &attempt, &json!({}))?;
    let url = beside(signer, &attempt, &[("nonce", "outside"), ("request", &object)])?;
    let mut browser = Browser::new()?;
    let answer = browser.authorize(url.as_str(), signer.tenant.user()?, signer.party.redirect_uri()?).await?;
    let code = signer.party.code_in(&answer, &attempt)?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", signer.party.redirect_uri()?),
        ("code_verifier", attempt.verifier.as_str()),
    ];
    let tokens = signer.call("token_endpoint", &form).await?.success()?;
    let id_token = chancery_tests::party::claims(tokens["id_token"].as_str().unwrap_or_default())?;
    ensure!(id_token["nonce"] == attempt.nonce.as_str(), "{id_token}");
    ensure!(tokens["scope"] == "email openid", "{tokens}");
    Ok(())
}

pub(super) async fn told(signer: &Signer, attempt: &Attempt, object: &str, error: &str, what: &str) -> Result<()> {
    let landing = Browser::new()?.open(beside(signer, attempt, &[("request", object)])?.as_str()).await?;
    refused(&landing, attempt, error, what)
}

fn refused(landing: &Landing, attempt: &Attempt, error: &str, what: &str) -> Result<()> {
    let Landing::Away(away) = landing else { anyhow::bail!("{what}: {landing:?}") };
    let told = |name: &str| away.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    ensure!(told("error").as_deref() == Some(error), "{what}: {away}");
    ensure!(told("state").as_ref() == Some(&attempt.state) && told("iss").is_some(), "{what}: {away}");
    Ok(())
}

async fn t147_t148_t125_refused(signer: &Signer) -> Result<()> {
    let attempt = signer.party.begin("openid", &[])?;
    let with = |change: Value| object(signer, &attempt, &change);
    let good = with(json!({}))?;
    let other = ClientKey::generate("ES256")?;
    let unsigned = signer.key.sign_with(&json!({ "alg": "none" }), &claims(signer, &attempt, &json!({})))?;
    let unsigned = unsigned.rsplit_once('.').map(|(signed, _)| format!("{signed}.")).unwrap_or_default();
    for (what, object) in [
        ("unsigned", unsigned),
        ("another's key", other.sign("JWT", &claims(signer, &attempt, &json!({})))?),
        ("another client", with(json!({ "client_id": "web" }))?),
        ("no aud", with(json!({ "aud": null }))?),
        ("another aud", with(json!({ "aud": "https://other.example" }))?),
        ("over", with(json!({ "exp": now() - 1 }))?),
        ("one within one", with(json!({ "request": good }))?),
        ("a reference within one", with(json!({ "request_uri": "https://signer.example/r" }))?),
        ("sub is the client", with(json!({ "sub": signer.id() }))?),
        ("an assertion", signer.assertion(&json!({}))?),
        ("encrypted", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AA.AA.AA".to_owned()),
    ] {
        told(signer, &attempt, &object, "invalid_request_object", what).await?;
    }
    let mut url = Url::parse(signer.party.endpoint("authorization_endpoint")?)?;
    let bad = with(json!({ "aud": null }))?;
    url.query_pairs_mut().extend_pairs([("client_id", signer.id()), ("scope", "openid"), ("request", &bad)]);
    let landing = Browser::new()?.open(url.as_str()).await?;
    ensure!(matches!(&landing, Landing::Page(page) if page.status == 400), "nowhere to answer: {landing:?}");
    Ok(())
}

async fn t146_elsewhere(signer: &Signer) -> Result<()> {
    let attempt = signer.party.begin("openid", &[])?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let uri = format!("http://{}/request.jwt", listener.local_addr()?);
    let landing = Browser::new()?.open(beside(signer, &attempt, &[("request_uri", &uri)])?.as_str()).await?;
    refused(&landing, &attempt, "request_uri_not_supported", "a place of nobody's")?;
    ensure!(listener.accept().is_err(), "somebody called");
    Ok(())
}

async fn must_sign(signer: &Signer) -> Result<()> {
    let attempt = signer.party.begin("openid", &[])?;
    let landing = Browser::new()?.open(attempt.url.as_str()).await?;
    refused(&landing, &attempt, "invalid_request", "unsigned where it must be signed")?;
    let url = beside(signer, &attempt, &[("request", &object(signer, &attempt, &json!({}))?)])?;
    let landing = Browser::new()?.open(url.as_str()).await?;
    ensure!(matches!(&landing, Landing::Page(page) if page.has("login-submit")), "{landing:?}");
    Ok(())
}

fn metadata(signer: &Signer) -> Result<()> {
    let metadata = &signer.party.metadata;
    for flag in ["request_parameter_supported", "request_uri_parameter_supported", "require_request_uri_registration"] {
        ensure!(metadata[flag] == true, "{flag} in {metadata}");
    }
    let algorithms = metadata["request_object_signing_alg_values_supported"].as_array().cloned().unwrap_or_default();
    ensure!(!algorithms.is_empty() && !algorithms.contains(&"none".into()), "{algorithms:?}");
    Ok(())
}

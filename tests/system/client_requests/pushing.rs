//! Requests that clients push.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{
    browser::{Browser, Landing},
    http::{Http, Reply},
    party::{Attempt, Party},
};
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::signing::Signer;
use crate::databases::{Database, Site};

#[tokio::test]
async fn t141_to_t149_pushed_requests_on_sqlite() -> Result<()> {
    pushed(&Database::Sqlite.site().await?).await
}

#[tokio::test]
async fn t141_to_t149_pushed_requests_on_postgres() -> Result<()> {
    pushed(&Database::Postgres.site().await?).await
}

async fn pushed(site: &Site) -> Result<()> {
    for tenant in [&site.first, &site.second] {
        let signer = Signer::register(site, tenant, "pusher", json!({})).await?;
        t144_p053_p054_once(&signer).await?;
        t141_t142_what_is_not_taken(&signer).await?;
        t145_ignored(&signer).await?;
        let strict = json!({ "requirePushedAuthorizationRequests": true });
        t149_nothing_else(&Signer::register(site, tenant, "strict", strict).await?).await?;
    }
    t143_others(site).await?;
    t144_over(site).await
}

/// The parameters of an attempt.
fn asked(attempt: &Attempt) -> Vec<(String, String)> {
    attempt.url.query_pairs().into_owned().collect()
}

async fn push(signer: &Signer, attempt: &Attempt) -> Result<Reply> {
    let asked = asked(attempt);
    let form: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    signer.call("pushed_authorization_request_endpoint", &form).await
}

/// The URL with nothing but the client and the reference.
async fn pushed_url(signer: &Signer, attempt: &Attempt) -> Result<Url> {
    let reply = push(signer, attempt).await?;
    ensure!(reply.status == 201 && reply.header("cache-control") == "no-store", "{reply:?}");
    ensure!((60..=90).contains(&reply.body["expires_in"].as_i64().unwrap_or_default()), "{reply:?}");
    let reference = reply.body["request_uri"].as_str().context("no request_uri")?;
    ensure!(reference.starts_with("urn:ietf:params:oauth:request_uri:"), "{reference}");
    url(&signer.party, signer.id(), reference)
}

fn url(party: &Party, client_id: &str, reference: &str) -> Result<Url> {
    let mut url = Url::parse(party.endpoint("authorization_endpoint")?)?;
    url.query_pairs_mut().extend_pairs([("client_id", client_id), ("request_uri", reference)]);
    Ok(url)
}

/// That a browser gets a page with this error and no redirect.
async fn page(url: &Url, error: &str) -> Result<()> {
    let request = Http::new()?.request(Method::GET, url).header("accept", "text/html");
    let response = request.send().await?;
    ensure!(response.status() == 400 && response.headers().get("location").is_none(), "{response:?}");
    let body = response.text().await?;
    ensure!(body.contains(&format!("id=\"oauth-error\">{error}<")), "{body}");
    Ok(())
}

async fn t144_p053_p054_once(signer: &Signer) -> Result<()> {
    let attempt = signer.party.begin("openid email", &[])?;
    let url = pushed_url(signer, &attempt).await?;
    // The sign-in page can be loaded again, and ahead of time by somebody else.
    let mut browser = Browser::new()?;
    for _ in 0..2 {
        let landing = browser.open(url.as_str()).await?;
        ensure!(matches!(&landing, Landing::Page(page) if page.has("login-submit")), "{landing:?}");
        ensure!(matches!(Browser::new()?.open(url.as_str()).await?, Landing::Page(_)));
    }
    let answer = browser.authorize(url.as_str(), signer.tenant.user()?, signer.party.redirect_uri()?).await?;
    let code = signer.party.code_in(&answer, &attempt)?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", signer.party.redirect_uri()?),
        ("code_verifier", attempt.verifier.as_str()),
    ];
    signer.call("token_endpoint", &form).await?.success()?;
    // Used up, for the same browser and for any other.
    page(&url, "invalid_request_uri").await?;
    let landing = browser.open(url.as_str()).await?;
    ensure!(matches!(&landing, Landing::Page(page) if page.status == 400), "{landing:?}");
    Ok(())
}

async fn t141_t142_what_is_not_taken(signer: &Signer) -> Result<()> {
    let endpoint = signer.party.endpoint("pushed_authorization_request_endpoint")?;
    let attempt = signer.party.begin("openid", &[])?;
    let bare = Reply::read(Http::new()?.post(endpoint)?.form(&asked(&attempt)).send().await?).await?;
    ensure!(bare.refusal() == (401, "invalid_client"), "{bare:?}");
    let forged = signer.post("pushed_authorization_request_endpoint", "a.b.c", &[("scope", "openid")]).await?;
    ensure!(forged.refusal() == (401, "invalid_client"), "{forged:?}");
    let url = pushed_url(signer, &attempt).await?;
    let reference = url.query_pairs().find(|(name, _)| name == "request_uri").context("none")?.1.into_owned();
    let again = signer.party.begin("openid", &[("request_uri", &reference)])?;
    ensure!(push(signer, &again).await?.refusal() == (400, "invalid_request"));
    let elsewhere = signer.party.begin("openid", &[])?.with("redirect_uri", "https://evil.example/cb");
    let elsewhere = Attempt { url: elsewhere, ..attempt.clone() };
    ensure!(push(signer, &elsewhere).await?.refusal() == (400, "invalid_request"));
    let plain = Attempt { url: attempt.with("code_challenge_method", "plain"), ..attempt.clone() };
    ensure!(push(signer, &plain).await?.refusal() == (400, "invalid_request"), "p055");
    let put = Http::new()?.request(Method::PUT, &Url::parse(endpoint)?).send().await?;
    ensure!(put.status() == 405, "{put:?}");
    Ok(())
}

async fn t143_others(site: &Site) -> Result<()> {
    let signer = Signer::register(site, &site.first, "owner", json!({})).await?;
    let twin = Signer::register(site, &site.second, "owner", json!({})).await?;
    let own = pushed_url(&signer, &signer.party.begin("openid", &[])?).await?;
    let reference = own.query_pairs().find(|(name, _)| name == "request_uri").context("none")?.1.into_owned();
    let other = site.first.public_client()?.client_id.as_str();
    page(&url(&signer.party, other, &reference)?, "invalid_request_uri").await?;
    page(&url(&twin.party, "owner", &reference)?, "invalid_request_uri").await?;
    page(&url(&signer.party, "owner", "urn:ietf:params:oauth:request_uri:chq_x")?, "invalid_request_uri").await?;
    let landing = Browser::new()?.open(own.as_str()).await?;
    ensure!(matches!(&landing, Landing::Page(page) if page.has("login-submit")), "{landing:?}");
    Ok(())
}

async fn t145_ignored(signer: &Signer) -> Result<()> {
    let attempt = signer.party.begin("openid", &[])?;
    let mut url = pushed_url(signer, &attempt).await?;
    let beside =
        [("scope", "openid email"), ("redirect_uri", "https://evil.example/cb"), ("state", "x"), ("prompt", "none")];
    url.query_pairs_mut().extend_pairs(beside);
    let mut browser = Browser::new()?;
    let answer = browser.authorize(url.as_str(), signer.tenant.user()?, signer.party.redirect_uri()?).await?;
    signer.party.code_in(&answer, &attempt)?;
    Ok(())
}

async fn t149_nothing_else(signer: &Signer) -> Result<()> {
    let attempt = signer.party.begin("openid", &[])?;
    let landing = Browser::new()?.open(attempt.url.as_str()).await?;
    let Landing::Away(away) = landing else { anyhow::bail!("{landing:?}") };
    let told = |name: &str| away.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    ensure!(told("error").as_deref() == Some("invalid_request"), "{away}");
    ensure!(told("state").as_ref() == Some(&attempt.state) && told("iss").is_some(), "{away}");
    let landing = Browser::new()?.open(pushed_url(signer, &attempt).await?.as_str()).await?;
    ensure!(matches!(&landing, Landing::Page(page) if page.has("login-submit")), "{landing:?}");
    Ok(())
}

/// One that is over gets what one gets that never was. Its time is taken away where it is kept, instead of waited for.
async fn t144_over(site: &Site) -> Result<()> {
    let signer = Signer::register(site, &site.first, "late", json!({})).await?;
    let attempt = signer.party.begin("openid", &[])?;
    let url = pushed_url(&signer, &attempt).await?;
    ensure!(matches!(Browser::new()?.open(url.as_str()).await?, Landing::Page(page) if page.has("login-submit")));
    site.execute("UPDATE pushed_requests SET expires_at = pushed_at").await?;
    page(&url, "invalid_request_uri").await
}

#[tokio::test]
async fn t150_a_flood_of_pushed_requests_on_sqlite() -> Result<()> {
    flood(&Database::Sqlite.site().await?).await
}

#[tokio::test]
async fn t150_a_flood_of_pushed_requests_on_postgres() -> Result<()> {
    flood(&Database::Postgres.site().await?).await
}

/// No client fills the table, and nobody in the name of a client that proves nothing: what is beyond its quota hears when to
/// come again. A machine that takes longer for the quota than a request waits has no flood to show.
async fn flood(site: &Site) -> Result<()> {
    let taken = taken(&Party::discover(&site.first, site.first.public_client()?).await?).await?;
    ensure!(taken.is_none_or(|taken| taken == 100), "{taken:?} were taken of one source for all users of the client");
    let taken = self::taken(&Party::discover(&site.first, site.first.confidential_client()?).await?).await?;
    ensure!(taken.is_none_or(|taken| (950..=1050).contains(&taken)), "{taken:?} were taken");
    Ok(())
}

/// How many requests of a client are taken until one is not; none where that never came.
async fn taken(party: &Party) -> Result<Option<u32>> {
    let asked = asked(&party.begin("openid", &[])?);
    // The call itself says who asks.
    let form = asked.iter().filter(|(name, _)| name != "client_id");
    let form: Vec<_> = form.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let began = Instant::now();
    let mut taken = 0;
    while began.elapsed() < Duration::from_secs(80) {
        let (mut full, pushes) = (false, (0..50).map(|_| party.call("pushed_authorization_request_endpoint", &form)));
        for reply in futures::future::try_join_all(pushes).await? {
            match reply.status {
                201 => taken += 1,
                429 => {
                    ensure!(!reply.header("retry-after").is_empty(), "{reply:?}");
                    full = true;
                }
                _ => anyhow::bail!("{reply:?}"),
            }
        }
        if full {
            return Ok(Some(taken));
        }
        ensure!(taken <= 1050, "{taken} were taken");
    }
    Ok(None)
}

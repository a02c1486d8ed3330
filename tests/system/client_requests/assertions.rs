//! What proves a client, and what does not.

use std::time::Duration;

use anyhow::{Result, ensure};
use chancery_tests::{
    http::{Http, Reply, from_own_address},
    party::Party,
};
use serde_json::{Value, json};

use super::signing::Signer;
use crate::{
    client_keys::{ClientKey, now},
    databases::{Database, Site},
};

const REFUSED: (u16, &str) = (401, "invalid_client");

#[tokio::test]
async fn t071_to_t078_assertions_on_sqlite() -> Result<()> {
    assertions(Database::Sqlite).await
}

#[tokio::test]
async fn t071_to_t078_assertions_on_postgres() -> Result<()> {
    assertions(Database::Postgres).await
}

async fn assertions(database: Database) -> Result<()> {
    let site = &database.site().await?;
    let newer = Signer::register(site, &site.first, "signer", json!({})).await?;
    let older = Signer::register(site, &site.second, "signer", json!({})).await?;
    for signer in [&newer, &older] {
        p043_each_endpoint(signer).await?;
        t071_other_methods(signer).await?;
        t075_times(signer).await?;
        t076_names(signer).await?;
        t077_t078_headers(signer).await?;
    }
    t073_audiences(&newer, &older).await?;
    t074_replays(database, site, &newer).await
}

async fn expect(signer: &Signer, assertion: &str, wanted: (u16, &str), what: &str) -> Result<()> {
    let (status, error) = signer.outcome(assertion).await?;
    ensure!((status, error.as_str()) == wanted, "{what}: {status} {error}, not {wanted:?}");
    Ok(())
}

async fn p043_each_endpoint(signer: &Signer) -> Result<()> {
    let token = signer.call("token_endpoint", &[("grant_type", "client_credentials")]).await?.success()?;
    let token = token["access_token"].as_str().unwrap_or_default().to_owned();
    let told = signer.call("introspection_endpoint", &[("token", &token)]).await?.success()?;
    ensure!(told["active"] == true, "{told}");
    ensure!(signer.call("revocation_endpoint", &[("token", &token)]).await?.status == 200);
    let told = signer.call("introspection_endpoint", &[("token", &token)]).await?.success()?;
    ensure!(told["active"] == false, "{told}");
    let nameless = signer.key.sign_with(&json!({ "alg": "ES256" }), &signer.claims(&json!({})))?;
    expect(signer, &nameless, (200, ""), "without a kid").await
}

async fn t071_other_methods(signer: &Signer) -> Result<()> {
    let url = signer.party.endpoint("token_endpoint")?;
    let grant = ("grant_type", "client_credentials");
    let named = [grant, ("client_id", signer.id())];
    let secret = [grant, ("client_id", signer.id()), ("client_secret", "chx_AAAA")];
    for form in [&named[..], &secret] {
        let reply = Reply::read(Http::new()?.post(url)?.form(form).send().await?).await?;
        ensure!(reply.refusal() == REFUSED, "{form:?}: {reply:?}");
    }
    Ok(())
}

async fn t073_audiences(newer: &Signer, older: &Signer) -> Result<()> {
    for signer in [newer, older] {
        let issuer = signer.tenant.issuer.as_str();
        for audience in [
            json!("https://other.example"),
            json!([issuer]),
            json!([issuer, "https://other.example"]),
            json!(null),
            json!(format!("{issuer}/")),
        ] {
            let assertion = signer.assertion(&json!({ "aud": audience }))?;
            expect(signer, &assertion, REFUSED, &format!("aud {audience}")).await?;
        }
    }
    let at = |signer: &Signer| Ok::<Value, anyhow::Error>(json!({ "aud": signer.party.endpoint("token_endpoint")? }));
    expect(newer, &newer.assertion(&at(newer)?)?, REFUSED, "the token endpoint, strict").await?;
    expect(older, &older.assertion(&at(older)?)?, (200, ""), "the token endpoint, for older clients").await?;
    // Another tenant is another server.
    let foreign = newer.key.sign("JWT", &older.claims(&json!({})))?;
    expect(older, &foreign, REFUSED, "a key of the same client at another tenant").await
}

async fn t074_replays(database: Database, site: &Site, signer: &Signer) -> Result<()> {
    let assertion = signer.assertion(&json!({ "exp": now() + 240 }))?;
    expect(signer, &assertion, (200, ""), "the first time").await?;
    expect(signer, &assertion, REFUSED, "the second time").await?;
    let token = signer.post("introspection_endpoint", &assertion, &[("token", "x")]).await?;
    ensure!(token.refusal() == REFUSED, "elsewhere: {token:?}");
    let racing = signer.assertion(&json!({}))?;
    let outcomes = futures::future::try_join_all((0..8).map(|_| signer.outcome(&racing))).await?;
    ensure!(outcomes.iter().filter(|(status, _)| *status == 200).count() == 1, "{outcomes:?}");
    if matches!(database, Database::Postgres) {
        let second = site.installation.replica("second")?;
        let _program = site.installation.serve(&second).await?;
        let url = signer.party.endpoint("token_endpoint")?;
        let way = site.installation.way_to(&second)?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", super::signing::TYPE),
            ("client_assertion", &assertion),
        ];
        let reply = Reply::read(way.post(url)?.form(&form).send().await?).await?;
        ensure!(reply.refusal() == REFUSED, "by another replica: {reply:?}");
    }
    Ok(())
}

async fn t075_times(signer: &Signer) -> Result<()> {
    let now = now();
    for (what, change) in [
        ("no exp", json!({ "exp": null })),
        ("exp as text", json!({ "exp": (now + 60).to_string() })),
        ("exp past", json!({ "exp": now - 1 })),
        ("exp too far", json!({ "exp": now + 400 })),
        ("iat ahead", json!({ "iat": now + 120, "exp": now + 180 })),
        ("nbf ahead", json!({ "nbf": now + 120, "exp": now + 180 })),
        ("no jti", json!({ "jti": null })),
    ] {
        expect(signer, &signer.assertion(&change)?, REFUSED, what).await?;
    }
    for (what, change) in
        [("ten seconds ahead", json!({ "iat": now + 10, "nbf": now + 10 })), ("no iat", json!({ "iat": null }))]
    {
        expect(signer, &signer.assertion(&change)?, (200, ""), what).await?;
    }
    Ok(())
}

async fn t076_names(signer: &Signer) -> Result<()> {
    for change in [json!({ "iss": "web" }), json!({ "sub": "web" }), json!({ "sub": null }), json!({ "iss": null })] {
        expect(signer, &signer.assertion(&change)?, REFUSED, &change.to_string()).await?;
    }
    let form = [("grant_type", "client_credentials"), ("client_id", "web")];
    let reply = signer.post("token_endpoint", &signer.assertion(&json!({}))?, &form).await?;
    ensure!(reply.refusal() == REFUSED, "another client_id: {reply:?}");
    Ok(())
}

async fn t077_t078_headers(signer: &Signer) -> Result<()> {
    let other = ClientKey::generate("ES256")?;
    let claims = signer.claims(&json!({}));
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "None" }),
        json!({ "alg": "nOnE" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "ES256", "kid": "../../../etc/passwd" }),
        json!({ "alg": "ES256", "kid": "' OR 1=1 --" }),
        json!({ "alg": "ES256", "jwk": other.jwk()? }),
        json!({ "alg": "ES256", "jku": "http://127.0.0.1:9/jwks" }),
        json!({ "alg": "ES256", "x5u": "http://127.0.0.1:9/cert" }),
        json!({ "alg": "ES256", "x5c": ["AAAA"] }),
        json!({ "alg": "ES256", "crit": ["exp"] }),
    ] {
        let assertion = other.sign_with(&header, &claims)?;
        expect(signer, &assertion, REFUSED, &header.to_string()).await?;
        let unsigned = assertion.rsplit_once('.').map(|(said, _)| format!("{said}.")).unwrap_or_default();
        expect(signer, &unsigned, REFUSED, &format!("unsigned, {header}")).await?;
        // One that is good forgets what was wrong, or this would be slowed down as guessing.
        expect(signer, &signer.assertion(&json!({}))?, (200, ""), "a good one in between").await?;
    }
    Ok(())
}

#[tokio::test]
async fn t074_an_assertion_is_known_after_a_restart_on_sqlite() -> Result<()> {
    restarted(Database::Sqlite.site().await?).await
}

#[tokio::test]
async fn t074_an_assertion_is_known_after_a_restart_on_postgres() -> Result<()> {
    restarted(Database::Postgres.site().await?).await
}

async fn restarted(site: Site) -> Result<()> {
    let signer = Signer::register(&site, &site.first, "signer", json!({})).await?;
    let assertion = signer.assertion(&json!({ "exp": now() + 240 }))?;
    expect(&signer, &assertion, (200, ""), "the first time").await?;
    let Site { program, installation, .. } = site;
    program.stop().await?;
    let _again = installation.serve(&installation.first).await?;
    expect(&signer, &assertion, REFUSED, "after a restart").await
}

#[tokio::test]
async fn t090_guessing_is_slowed_down_for_one_source_on_sqlite() -> Result<()> {
    guessing(&Database::Sqlite.site().await?).await
}

#[tokio::test]
async fn t090_guessing_is_slowed_down_for_one_source_on_postgres() -> Result<()> {
    guessing(&Database::Postgres.site().await?).await
}

async fn guessing(site: &Site) -> Result<()> {
    for tenant in [&site.first, &site.second] {
        let party = Party::discover(tenant, tenant.confidential_client()?).await?;
        let form = [("grant_type", "client_credentials")];
        let mut guesser = party.clone();
        guesser.client.client_secret = Some("chx_wrong".to_owned());
        for guess in 0..20 {
            let reply = guesser.token(&form).await?;
            ensure!(reply.refusal() == REFUSED, "{guess}: {reply:?}");
        }
        // Each guess from now on doubles the wait. A slow machine may be late for the first of them.
        let wait = loop {
            let reply = guesser.token(&form).await?;
            if reply.status != 429 {
                ensure!(reply.refusal() == REFUSED, "{reply:?}");
                continue;
            }
            let wait: u64 = reply.header("retry-after").parse()?;
            if wait >= 4 {
                break wait;
            }
            tokio::time::sleep(Duration::from_secs(wait)).await;
        };
        let right = party.token(&form).await?;
        ensure!(right.status == 429, "the right one from the same source waits too: {right:?}");
        // From another source it is good at once.
        let elsewhere = from_own_address(async { party.by_way_of(Http::new()?).token(&form).await }).await?;
        elsewhere.success()?;
        tokio::time::sleep(Duration::from_secs(wait + 1)).await;
        party.token(&form).await?.success()?;
    }
    Ok(())
}

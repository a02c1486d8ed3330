//! Applications are told by the server itself, on every end of a session (OpenID Connect Back-Channel Logout).

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::Tenant,
    party::{Party, claims, header},
};
use serde_json::{Value, json};

use super::{applications::Applications, client, sign_out};
use crate::{
    databases::{Database, Site},
    verifier::Verifier,
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[tokio::test]
async fn p051_t155_t219_t221_on_sqlite() -> Result<()> {
    all(&Database::Sqlite.delivering_site().await?).await
}

#[tokio::test]
async fn p051_t155_t219_t221_on_postgres() -> Result<()> {
    all(&Database::Postgres.delivering_site().await?).await
}

async fn all(site: &Site) -> Result<()> {
    let applications = Applications::start().await?;
    let mut parties = Vec::new();
    for conduct in ["good", "choosy", "broken", "hangs"] {
        let uri = json!({ "backchannelLogoutUri": format!("{}/{conduct}", applications.origin) });
        let client = client(site, &site.first, conduct, &applications.origin, &uri).await?;
        parties.push(Party::discover(&site.first, &client).await?);
    }
    let said = t221_signing_out_waits_for_nobody(site, &applications, &parties).await.context("t221")?;
    p051_every_application_of_the_session_is_told(&applications, &parties[0], &said).await.context("p051")?;
    p051_every_end_of_a_session_is_told(site, &applications, &parties[0]).await.context("every end")?;
    t155_a_place_inside_is_refused(site).await.context("t155")
}

/// Signs in to all of them and out by the first, and gives what its ID token said.
async fn t221_signing_out_waits_for_nobody(
    site: &Site,
    applications: &Applications,
    parties: &[Party],
) -> Result<Value> {
    let mut browser = Browser::new()?;
    let mut hints = Vec::new();
    for party in parties {
        hints.push(super::id_token(party, &mut browser, &site.first).await?);
    }
    let sids: BTreeSet<String> =
        hints.iter().map(|hint| Ok(claims(hint)?["sid"].to_string())).collect::<Result<_>>()?;
    anyhow::ensure!(sids.len() == 1, "one session: {sids:?}");
    let began = Instant::now();
    let place = parties[0].client.post_logout_redirect_uris[0].as_str();
    let parameters = [("id_token_hint", hints[0].as_str()), ("post_logout_redirect_uri", place)];
    sign_out(&parties[0], &mut browser, &parameters).await?.away()?;
    let took = began.elapsed();
    // It would be longer if it waited for that one, which is given three seconds.
    anyhow::ensure!(took < Duration::from_secs(3), "it took {took:?} while an application hangs");
    applications.until("hangs", 2).await.context("one that hangs is tried again")?;
    claims(&hints[0])
}

async fn p051_every_application_of_the_session_is_told(
    applications: &Applications,
    good: &Party,
    said: &Value,
) -> Result<()> {
    let tries = applications.until("broken", 3).await?;
    let [once] = &applications.until("good", 1).await?[..] else { anyhow::bail!("told more than once") };
    anyhow::ensure!(applications.tokens("choosy").len() == 1, "a token that was called wrong is not sent again");
    let mut jtis = BTreeSet::new();
    for token in tries.iter().chain([once]) {
        let (head, claims) = (header(token)?, claims(token)?);
        assert_eq!(head["typ"], "logout+jwt");
        assert_eq!((&claims["iss"], &claims["sub"], &claims["sid"]), (&said["iss"], &said["sub"], &said["sid"]));
        assert_eq!(claims["events"], json!({ EVENT: {} }));
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 120));
        assert!(claims.get("nonce").is_none() && claims["jti"].is_string(), "{claims}");
        jtis.insert(claims["jti"].to_string());
    }
    assert_eq!(jtis.len(), tries.len() + 1, "every attempt is a token of its own");
    Verifier::of(good).await?.verify(once, "good").await.context("by the published keys")?;
    t117_a_logout_token_is_good_for_nothing_else(good, once).await
}

async fn t117_a_logout_token_is_good_for_nothing_else(party: &Party, token: &str) -> Result<()> {
    let reply = party.userinfo(token).await?;
    assert_eq!(reply.refusal(), (401, "invalid_token"), "{reply:?}");
    let hinted = party.begin("openid", &[("prompt", "none"), ("id_token_hint", token)])?;
    let away = Browser::new()?.open(hinted.url.as_str()).await?.away()?;
    let answer = chancery_tests::browser::answer_in(&away, party.redirect_uri()?)?;
    assert_eq!(answer.get("error").map(String::as_str), Some("invalid_request"), "{answer:?}");
    let place = party.client.post_logout_redirect_uris[0].as_str();
    let parameters = [("id_token_hint", token), ("post_logout_redirect_uri", place)];
    let page = sign_out(party, &mut Browser::new()?, &parameters).await?.page()?;
    assert_eq!(page.status, 200, "{}", page.html);
    Ok(())
}

async fn p051_every_end_of_a_session_is_told(site: &Site, applications: &Applications, party: &Party) -> Result<()> {
    let (admin, tenant) = (&site.admin, &site.first);
    let users = json!({ "parent": format!("tenants/{}", tenant.tenant) });
    let user = admin.call("UserService/ListUsers", users).await?["users"][0]["name"].clone();
    let mut told = applications.tokens("good").len();
    for end in ["one session", "all sessions", "another password", "disabled", "deleted"] {
        let mut browser = Browser::new()?;
        let said = claims(&super::id_token(party, &mut browser, tenant).await.context(end)?)?;
        let session = said["sid"].as_str().context("no sid")?;
        end_by(site, tenant, end, session, user.as_str().context("no user")?).await.context(end)?;
        told += 1;
        let tokens = applications.until("good", told).await.context(end)?;
        assert_eq!(claims(tokens.last().context("none")?)?["sid"], session, "{end}");
        if end == "disabled" {
            admin.call("UserService/EnableUser", json!({ "name": user })).await?;
        }
    }
    Ok(())
}

async fn end_by(site: &Site, tenant: &Tenant, end: &str, sid: &str, user: &str) -> Result<()> {
    let (admin, parent) = (&site.admin, format!("tenants/{}", tenant.tenant));
    match end {
        "one session" => {
            admin.call("SessionService/RevokeSession", json!({ "name": format!("{parent}/sessions/{sid}") })).await?;
        }
        "all sessions" => {
            admin.call("SessionService/RevokeSessions", json!({ "parent": parent, "user": user })).await?;
        }
        "another password" => {
            let link = admin.call("UserService/CreatePasswordLink", json!({ "name": user })).await?;
            let link = link["uri"].as_str().context("no link")?;
            Browser::new()?.choose_password(link, &tenant.user()?.password).await?;
        }
        "disabled" => {
            admin.call("UserService/DisableUser", json!({ "name": user })).await?;
        }
        _ => {
            admin.call("UserService/DeleteUser", json!({ "name": user })).await?;
        }
    }
    Ok(())
}

async fn t155_a_place_inside_is_refused(site: &Site) -> Result<()> {
    let name = "tenants/acme/clients/good";
    for uri in ["https://10.0.0.1/out", "https://169.254.169.254/", "http://app.example/out", "https://a.example/{sid}"]
    {
        let message = json!({
            "client": { "name": name, "backchannelLogoutUri": uri }, "updateMask": "backchannelLogoutUri",
        });
        let refused = site.admin.try_call("ClientService/UpdateClient", message).await?;
        let status = refused.err().with_context(|| format!("{uri} was taken"))?;
        assert_eq!(status.code(), tonic::Code::InvalidArgument, "{uri}");
    }
    Ok(())
}

//! Initial access tokens.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::json;

use super::{METADATA, Office, app, with};
use crate::databases::Site;

pub(super) async fn t239_a_token_is_good_where_it_is_for(site: &Site) -> Result<()> {
    let office = Office::of(&site.first)?;
    let policy = json!({ "access": "ACCESS_INITIAL_ACCESS_TOKEN", "mostPerSource": 10_000 });
    office.set(site, &json!({ "registration": policy })).await?;
    office.until("invited", async || Ok(office.discovered().await?.is_some())).await?;

    let twice = token(site, &office, 2, "3600s").await?;
    let late = token(site, &office, 1, "1s").await?;
    let deleted = token(site, &office, 1, "3600s").await?;
    let elsewhere = token(site, &Office::of(&site.second)?, 1, "3600s").await?;
    site.admin.call("InitialAccessTokenService/DeleteInitialAccessToken", json!({ "name": deleted.name })).await?;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;

    let missing = office.register(&app()).await?;
    ensure!(missing.status == 401 && missing.header("www-authenticate").starts_with("Bearer "), "{missing:?}");
    let ask = async |secret: &str| office.ask(Method::POST, &office.endpoint, Some(secret), Some(&app())).await;
    for bad in [&*late.secret, &deleted.secret, &elsewhere.secret, "nonsense", "chi_x"] {
        let reply = ask(bad).await?;
        assert_eq!(reply.refusal(), (401, "invalid_token"), "{bad}");
        ensure!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{:?}", reply.headers);
    }
    let unfit = with("grant_types", json!(["client_credentials"]));
    let reply = office.ask(Method::POST, &office.endpoint, Some(&twice.secret), Some(&unfit)).await?;
    assert_eq!(reply.refusal(), (400, METADATA), "which uses nothing up");

    // Of several at once, as many as it is for.
    let (a, b, c, d) = tokio::join!(ask(&twice.secret), ask(&twice.secret), ask(&twice.secret), ask(&twice.secret));
    let mut answers = [a?.status, b?.status, c?.status, d?.status];
    answers.sort_unstable();
    assert_eq!(answers, [201, 201, 401, 401]);
    assert_eq!(ask(&twice.secret).await?.refusal(), (401, "invalid_token"), "used up");
    Ok(())
}

struct Token {
    name: String,
    secret: String,
}

async fn token(site: &Site, office: &Office<'_>, uses: u32, ttl: &str) -> Result<Token> {
    let message = json!({
        "parent": format!("tenants/{}", office.tenant.tenant), "initialAccessToken": { "displayName": "partners" },
        "uses": uses, "ttl": ttl,
    });
    let made = site.admin.call("InitialAccessTokenService/CreateInitialAccessToken", message).await?;
    let text = |text: Option<&str>| text.map(str::to_owned).with_context(|| format!("{made}"));
    Ok(Token { name: text(made["initialAccessToken"]["name"].as_str())?, secret: text(made["secret"].as_str())? })
}

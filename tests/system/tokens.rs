//! What tokens look like, how long they live and under which names they speak of people: against the running program on
//! both databases.

mod lives;
mod names;
mod opaque;
mod signing;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::{Client, Tenant},
    party::Party,
};
use serde_json::{Value, json};

use crate::{
    databases::{Database, Site},
    haste::Haste,
};

#[tokio::test]
async fn p030_p031_p044_t261_tokens_are_as_a_client_registered_on_sqlite() -> Result<()> {
    of(Database::Sqlite).await
}

#[tokio::test]
async fn p030_p031_p044_t261_tokens_are_as_a_client_registered_on_postgres() -> Result<()> {
    of(Database::Postgres).await
}

/// One site for all of it.
async fn of(database: Database) -> Result<()> {
    let haste = Haste {
        max_age: Duration::from_secs(1),
        verifier_cache: Duration::from_secs(1),
        token_life: Duration::from_secs(3_600),
        spare: Duration::ZERO,
    };
    let site = database.site_configured(&haste.config()).await?;
    for tenant in [&site.first, &site.second] {
        signing::p031_t261_what_signs_is_what_was_registered(&site, tenant).await?;
        lives::p044_tokens_live_as_long_and_are_refreshed_as_often(&site, tenant).await?;
        names::p030_two_sectors_know_a_person_under_two_names(&site, tenant).await?;
        opaque::n2_an_opaque_token_is_good_where_it_is_asked_about(&site, tenant).await?;
    }
    Ok(())
}

/// Registers a client with a secret, with more members.
async fn register(site: &Site, tenant: &Tenant, id: &str, more: Value) -> Result<Party> {
    let redirect_uri = more["redirectUris"][0].as_str().unwrap_or("https://tokens.example/cb").to_owned();
    let mut client = json!({
        "kind": "KIND_WEB",
        "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
        "redirectUris": [redirect_uri],
        "grantTypes": ["GRANT_TYPE_AUTHORIZATION_CODE", "GRANT_TYPE_REFRESH_TOKEN", "GRANT_TYPE_CLIENT_CREDENTIALS"],
        "scopes": ["openid", "profile", "email", "offline_access"],
        "skipConsent": true,
    });
    let members = client.as_object_mut().context("an object")?;
    members.extend(more.as_object().cloned().unwrap_or_default());
    let parent = format!("tenants/{}", tenant.tenant);
    let message = json!({ "parent": parent, "clientId": id, "client": client });
    let made = site.admin.call("ClientService/CreateClient", message).await?;
    let secret = site.admin.call("ClientService/GenerateClientSecret", json!({ "parent": made["name"] })).await?;
    let client = Client {
        client_id: id.to_owned(),
        client_secret: Some(text(&secret, "secret")?.to_owned()),
        redirect_uris: vec![redirect_uri],
        ..Client::default()
    };
    Party::discover(tenant, &client).await
}

/// Changes the settings of a tenant.
async fn set(site: &Site, tenant: &Tenant, setting: &str, value: Value) -> Result<()> {
    let message = json!({ "name": format!("tenants/{}", tenant.tenant), "settings": { setting: value } });
    let message = json!({ "tenant": message, "updateMask": format!("settings.{setting}") });
    site.admin.call("TenantService/UpdateTenant", message).await.map(drop)
}

/// Tokens of the tenant's person, who signs in anew.
async fn signed_in(party: &Party, tenant: &Tenant, scope: &str) -> Result<Value> {
    party.sign_in(&mut Browser::new()?, tenant.user()?, scope).await
}

/// A member that is a text.
fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str> {
    object[name].as_str().with_context(|| format!("no {name} in {object}"))
}

/// Asks until it is so: replicas hear of changes within seconds.
async fn until(what: &str, mut so: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !so().await? {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "not within 20 seconds: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

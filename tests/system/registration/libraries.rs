//! Libraries that others wrote register a client, and then sign somebody in with it.

use anyhow::Result;
use chancery_tests::browser::Browser;
use serde_json::{Value, json};

use super::Office;
use crate::{
    databases::{Database, Site},
    script,
};

#[tokio::test]
async fn openid_client_registers_a_client_and_signs_in_with_it() -> Result<()> {
    drive("openid_registration.mjs").await
}

#[tokio::test]
async fn oauth4webapi_registers_a_client_and_signs_in_with_it() -> Result<()> {
    drive("oauth4webapi_registration.mjs").await
}

/// Where everybody may register, and with an initial access token, on both profiles.
async fn drive(name: &str) -> Result<()> {
    let site = Database::Sqlite.site().await?;
    for tenant in [&site.first, &site.second] {
        let office = Office::of(tenant)?;
        let settings = |access: &str| json!({ "registration": { "access": access } });
        office.set(&site, &settings("ACCESS_INITIAL_ACCESS_TOKEN")).await?;
        office.until("invited", async || Ok(office.discovered().await?.is_some())).await?;
        let invitation = invitation(&site, &tenant.tenant).await?;
        let task = json!({ "issuer": tenant.issuer, "initial_access_token": invitation["secret"] });
        script::run(name, &task, &mut Browser::new()?, tenant.user()?).await?;

        office.set(&site, &settings("ACCESS_OPEN")).await?;
        office.until("open", async || Ok(office.register(&json!({})).await?.status == 400)).await?;
        let task = json!({ "issuer": tenant.issuer });
        script::run(name, &task, &mut Browser::new()?, tenant.user()?).await?;
    }
    Ok(())
}

async fn invitation(site: &Site, tenant: &str) -> Result<Value> {
    let message =
        json!({ "parent": format!("tenants/{tenant}"), "initialAccessToken": { "displayName": "libraries" } });
    site.admin.call("InitialAccessTokenService/CreateInitialAccessToken", message).await
}

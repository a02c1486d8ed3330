//! A tenant with a host for itself: people sign in there, its tokens name it, and it can be taken away again.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    http::{Http, Reply},
    installation::found_with,
    party::{Party, claims},
};
use serde_json::json;

use crate::databases::Database;

const HOST: &str = "login.customer.localhost";

#[tokio::test]
async fn a_tenant_is_served_at_its_own_host_on_sqlite() -> Result<()> {
    is_served_at_its_own_host(Database::Sqlite).await
}

#[tokio::test]
async fn a_tenant_is_served_at_its_own_host_on_postgres() -> Result<()> {
    is_served_at_its_own_host(Database::Postgres).await
}

async fn is_served_at_its_own_host(database: Database) -> Result<()> {
    let site = database.site().await?;
    let tenant = json!({ "profile": "PROFILE_OAUTH21", "issuerHost": HOST });
    let customer = found_with(&site.admin, "customer", tenant).await?;
    let at_path = format!("{}/t/customer", site.installation.public_url());
    assert!(customer.issuer.starts_with(&format!("http://{HOST}:")), "{}", customer.issuer);

    let party = Party::discover(&customer, customer.public_client()?).await?;
    let mut browser = Browser::new()?;
    let user = customer.user()?;
    let tokens = party.sign_in(&mut browser, user, "openid offline_access").await?;
    let id_token = claims(tokens["id_token"].as_str().context("an ID token")?)?;
    assert_eq!(id_token["iss"], customer.issuer.as_str());
    let access_token = tokens["access_token"].as_str().context("an access token")?;
    assert_eq!(party.userinfo(access_token).await?.status, 200);
    assert!(browser.cookies().iter().all(|cookie| cookie.path == "/"), "{:?}", browser.cookies());

    // At the path its metadata names the host, and nothing else is served there.
    let http = Http::new()?;
    let get = async |url: String| Reply::read(http.get(&url)?.send().await?).await;
    let metadata = get(format!("{at_path}/.well-known/openid-configuration")).await?;
    assert_eq!(metadata.body["issuer"], customer.issuer.as_str());
    assert_eq!(get(format!("{at_path}/signin")).await?.status, 404);
    // The others are not served at its host.
    assert_eq!(get(format!("{}/t/acme/oauth2/jwks", customer.issuer)).await?.status, 404);

    // Taken away, the host is nobody's as soon as the change is known, which takes five seconds at the most.
    let message = json!({ "tenant": { "name": "tenants/customer", "issuerHost": "" }, "updateMask": "issuerHost" });
    let changed = site.admin.call("TenantService/UpdateTenant", message).await?;
    assert_eq!(changed["issuer"], at_path.as_str());
    let begun = Instant::now();
    let status = loop {
        match get(format!("{}/oauth2/jwks", customer.issuer)).await?.status {
            200 if begun.elapsed() < Duration::from_secs(5) => tokio::time::sleep(Duration::from_millis(20)).await,
            status => break status,
        }
    };
    assert_eq!(status, 421);
    let metadata = get(format!("{at_path}/.well-known/openid-configuration")).await?;
    assert_eq!(metadata.body["issuer"], at_path.as_str());
    Ok(())
}

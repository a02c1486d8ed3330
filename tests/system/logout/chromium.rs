//! Three applications in one real browser.

use std::time::Duration;

use anyhow::Result;
use chancery_tests::{browser::Browser, installation::free_port};
use serde_json::json;

use super::client;
use crate::{
    databases::{Database, Site},
    script,
};

#[tokio::test]
async fn p051_p052_three_applications_are_told_when_one_signs_out_on_sqlite() -> Result<()> {
    three_applications(&Database::Sqlite.delivering_site().await?).await
}

#[tokio::test]
async fn p051_p052_three_applications_are_told_when_one_signs_out_on_postgres() -> Result<()> {
    three_applications(&Database::Postgres.delivering_site().await?).await
}

async fn three_applications(site: &Site) -> Result<()> {
    let tenant = &site.second;
    let mut clients = Vec::new();
    for id in ["one", "two", "three"] {
        let origin = format!("http://127.0.0.1:{}", free_port()?);
        let more = json!({
            "backchannelLogoutUri": format!("{origin}/ended"), "backchannelLogoutSessionRequired": true,
            "frontchannelLogoutUri": format!("{origin}/out"), "frontchannelLogoutSessionRequired": true,
        });
        clients.push(client(site, tenant, id, &origin, &more).await?);
    }
    let task = json!({ "issuer": tenant.issuer, "clients": clients, "user": tenant.user()?, "downFor": 2 });
    let said = script::run("three_applications.mjs", &task, &mut Browser::new()?, tenant.user()?).await?;
    assert_eq!(said["refused"], json!([]), "{said}");
    assert_eq!(said["attempts"], json!([1, 1, 3]), "{said}");
    assert_eq!(said["frames"], json!([1, 1, 1]), "{said}");
    assert_eq!(said["states"], json!(["unchanged", "error", "changed"]), "{said}");
    // Nothing more is owed: nobody is told twice of what they took.
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}

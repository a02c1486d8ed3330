//! A database that does not take what must be written.

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::{detail, reason},
    program::Program,
};
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tonic::Code;

use super::{ACME, refused};
use crate::databases::Database;

#[tokio::test]
async fn t276_an_expired_key_on_sqlite() -> Result<()> {
    an_expired_key(Database::Sqlite).await
}

#[tokio::test]
async fn t276_an_expired_key_on_postgres() -> Result<()> {
    an_expired_key(Database::Postgres).await
}

#[tokio::test]
async fn t280_t281_a_broken_database_on_sqlite() -> Result<()> {
    a_broken_database(Database::Sqlite).await
}

#[tokio::test]
async fn t280_t281_a_broken_database_on_postgres() -> Result<()> {
    a_broken_database(Database::Postgres).await
}

/// Behind the back of the server.
async fn execute(database: Database, url: &str, statement: &'static str) -> Result<()> {
    match database {
        Database::Sqlite => {
            SqliteConnection::connect(url).await?.execute(statement).await?;
        }
        Database::Postgres => {
            PgConnection::connect(url).await?.execute(statement).await?;
        }
    }
    Ok(())
}

/// A day is the least that a key is made for, so its time is moved.
async fn an_expired_key(database: Database) -> Result<()> {
    let installation = database.install().await?;
    let _program = installation.serve(&installation.first).await?;
    let owner = installation.admin(&installation.first).await?;
    let message = json!({ "apiKey": { "displayName": "short" }, "roles": ["roles/platform.auditor"] });
    let made = owner.call("ApiKeyService/CreateApiKey", message).await?;
    let caller = owner.with_key(made["secret"].as_str().context("no key")?);
    caller.call("TenantService/ListTenants", json!({})).await?;
    let over = "UPDATE admin_keys SET expires_at = created_at + 1 WHERE display_name = 'short'";
    execute(database, installation.database_url(), over).await?;
    refused(&caller, "TenantService/ListTenants", json!({}), Code::Unauthenticated, "API_KEY_INVALID").await?;
    owner.call("TenantService/ListTenants", json!({})).await?;
    Ok(())
}

/// What cannot be audited is not done, and what breaks inside is told by no more than a number to ask about.
async fn a_broken_database(database: Database) -> Result<()> {
    let mut site = database.site().await?;
    let admin = site.admin.clone();
    let tenant = async || admin.call("TenantService/GetTenant", json!({ "name": ACME })).await;
    let rename = |to: &str| json!({ "tenant": { "name": ACME, "displayName": to }, "updateMask": "displayName" });
    let before = tenant().await?;
    let breaks = [
        ("ALTER TABLE audit_events RENAME TO gone", "ALTER TABLE gone RENAME TO audit_events"),
        ("ALTER TABLE audit_heads RENAME TO gone", "ALTER TABLE gone RENAME TO audit_heads"),
    ];
    for (away, back) in breaks {
        execute(database, site.installation.database_url(), away).await?;
        let user = json!({ "parent": ACME, "user": { "username": "unaudited" } });
        for (call, message) in [("TenantService/UpdateTenant", rename("Unaudited")), ("UserService/CreateUser", user)] {
            let status = refused(&site.admin, call, message, Code::Unavailable, "STORE_UNAVAILABLE").await?;
            quiet(&status)?;
        }
        execute(database, site.installation.database_url(), back).await?;
        assert_eq!(tenant().await?, before, "it was done");
        let users = site.admin.call("UserService/ListUsers", json!({ "parent": ACME })).await?;
        assert!(!users.to_string().contains("unaudited"), "{users}");
    }
    assert_eq!(site.admin.call("TenantService/UpdateTenant", rename("Audited")).await?["displayName"], "Audited");

    execute(database, site.installation.database_url(), "ALTER TABLE users RENAME TO gone").await?;
    let status = site.admin.try_call("UserService/ListUsers", json!({ "parent": ACME })).await?;
    let status = status.err().context("there are no users")?;
    assert_eq!((status.code(), reason(&status).as_deref()), (Code::Internal, Some("INTERNAL")));
    quiet(&status)?;
    let incident = detail(&status, "trace_id").context("no incident id")?;
    let logged = async |program: &Program| program.logged().contains(&incident).then_some(());
    site.program.until("word of the incident in the log", logged).await?;
    execute(database, site.installation.database_url(), "ALTER TABLE gone RENAME TO users").await?;
    site.admin.call("UserService/ListUsers", json!({ "parent": ACME })).await?;
    Ok(())
}

/// That it tells nothing of what is inside, in its details neither.
fn quiet(status: &tonic::Status) -> Result<()> {
    let said = format!("{} {}", status.message(), String::from_utf8_lossy(status.details())).to_lowercase();
    for word in ["sql", "table", "audit", "users", "column", "relation", ".rs", "/", env!("CARGO_PKG_VERSION")] {
        let said = said.replace("type.googleapis.com/google.rpc.", "");
        anyhow::ensure!(!said.contains(word), "{word} is told: {said}");
    }
    Ok(())
}

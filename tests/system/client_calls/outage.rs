//! A database that does not take what must be written.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chancery_tests::{browser::Browser, http::Reply, party::Party};
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::databases::{Database, Site};

#[tokio::test]
async fn t253_t101_storage_fails_while_something_is_taken_back_on_sqlite() -> Result<()> {
    fails(Database::Sqlite).await
}

#[tokio::test]
async fn t253_t101_storage_fails_while_something_is_taken_back_on_postgres() -> Result<()> {
    fails(Database::Postgres).await
}

/// Somebody else holds what must be written, and does not let go for as long as that takes.
enum Holder {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Holder {
    async fn begin(site: &Site) -> Result<Self> {
        let url = site.installation.database_url();
        Ok(if url.starts_with("sqlite") {
            let mut held = SqliteConnection::connect(url).await?;
            held.execute("BEGIN IMMEDIATE").await?;
            Self::Sqlite(held)
        } else {
            let mut held = PgConnection::connect(url).await?;
            held.execute("BEGIN; LOCK TABLE grants, refresh_tokens IN EXCLUSIVE MODE").await?;
            Self::Postgres(held)
        })
    }

    async fn end(self) -> Result<()> {
        match self {
            Self::Sqlite(mut held) => {
                held.execute("ROLLBACK").await?;
            }
            Self::Postgres(mut held) => {
                held.execute("ROLLBACK").await?;
            }
        }
        Ok(())
    }
}

fn is_unavailable(reply: &Reply) -> Result<()> {
    ensure!(reply.status == 503, "{reply:?}");
    ensure!(reply.header("cache-control") == "no-store" && !reply.header("retry-after").is_empty(), "{reply:?}");
    ensure!(reply.body.get("access_token").is_none() && reply.body["error"].is_string(), "{reply:?}");
    Ok(())
}

async fn fails(database: Database) -> Result<()> {
    let site = database.site().await?;
    for tenant in [&site.first, &site.second] {
        let party = Party::discover(tenant, tenant.confidential_client()?).await?;
        let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid offline_access").await?;
        let [access, refresh] = ["access_token", "refresh_token"].map(|kind| tokens[kind].as_str().unwrap_or_default());
        let child = party.refresh(refresh).await?.success()?;
        let child = child["refresh_token"].as_str().context("no child")?;
        let grandchild = party.refresh(child).await?.success()?;
        let grandchild = grandchild["refresh_token"].as_str().context("no grandchild")?;

        let held = Holder::begin(&site).await?;
        let begun = Instant::now();
        for token in [access, child, grandchild] {
            is_unavailable(&party.revoke(token).await?).context("revoking")?;
        }
        // The first is used again, which must be remembered: until it is, nobody gets anything (T101).
        is_unavailable(&party.refresh(refresh).await?).context("reuse")?;
        ensure!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
        held.end().await?;

        // What could not be written did not happen.
        ensure!(party.introspect(access).await?["active"] == true);
        ensure!(party.revoke(grandchild).await?.status == 200);
        ensure!(party.introspect(access).await?["active"] == false);
        ensure!(party.refresh(grandchild).await?.refusal() == (400, "invalid_grant"));
    }
    Ok(())
}

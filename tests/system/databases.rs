//! The two databases that everything is run on.

use std::process::{Child, Command, Stdio};

use anyhow::Result;
use chancery_testkit::postgres::Cluster;
use chancery_tests::{admin::Admin, dev::Tenant, installation::Installation, installation::found, program::Program};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

/// Where the rows are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Database {
    /// One file, one process.
    Sqlite,
    /// A server, any number of processes.
    Postgres,
}

/// A serving installation with two tenants.
pub(crate) struct Site {
    /// The process; it ends with the site.
    pub(crate) program: Program,
    pub(crate) installation: Installation,
    pub(crate) admin: Admin,
    /// On the profile `oauth21`.
    pub(crate) first: Tenant,
    /// On the profile `oidc`.
    pub(crate) second: Tenant,
}

impl Site {
    /// Where its rows are.
    pub(crate) fn database(&self) -> Database {
        if self.installation.database_url().starts_with("sqlite") { Database::Sqlite } else { Database::Postgres }
    }

    /// Runs a statement on its database, beside the server.
    pub(crate) async fn execute(&self, sql: &str) -> Result<()> {
        let url = self.installation.database_url();
        match self.database() {
            Database::Sqlite => SqliteConnection::connect(url).await?.execute(AssertSqlSafe(sql)).await.map(drop)?,
            Database::Postgres => PgConnection::connect(url).await?.execute(AssertSqlSafe(sql)).await.map(drop)?,
        }
        Ok(())
    }

    /// The number that a query on its database gives.
    pub(crate) async fn number(&self, sql: &str) -> Result<i64> {
        let url = self.installation.database_url();
        Ok(match self.database() {
            Database::Sqlite => {
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut SqliteConnection::connect(url).await?).await?
            }
            Database::Postgres => {
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut PgConnection::connect(url).await?).await?
            }
        })
    }

    /// For a site that several tests share and nobody drops: it ends, and its files go, when the input of the process that
    /// is returned ends, which is with this one.
    pub(crate) fn ends_with_this_process(&self) -> Result<Child> {
        let guard = Command::new("sh")
            .args(["-c", r#"cat > /dev/null; kill -9 "$1"; rm -rf "$2""#, "guard", &self.program.pid().to_string()])
            .arg(self.installation.folder())
            .stdin(Stdio::piped())
            .spawn()?;
        Ok(guard)
    }
}

impl Database {
    /// An installation on an empty database of this kind.
    pub(crate) async fn install(self) -> Result<Installation> {
        match self {
            Self::Sqlite => Installation::on_sqlite().await,
            Self::Postgres => Installation::on(&empty_postgres().await?).await,
        }
    }

    /// An installation of this kind whose platform nobody owns.
    pub(crate) async fn install_unowned(self) -> Result<Installation> {
        match self {
            Self::Sqlite => Installation::unowned().await,
            Self::Postgres => Installation::unowned_on(&empty_postgres().await?).await,
        }
    }

    /// A serving installation of this kind.
    pub(crate) async fn site(self) -> Result<Site> {
        self.site_with(&[]).await
    }

    /// The same with these environment variables.
    pub(crate) async fn site_with(self, environment: &[(&str, &str)]) -> Result<Site> {
        Self::serve(self.install().await?, environment).await
    }

    /// The same with these lines in the configuration.
    pub(crate) async fn site_configured(self, lines: &str) -> Result<Site> {
        let installation = match self {
            Self::Sqlite => Installation::on_sqlite_with(lines).await?,
            Self::Postgres => Installation::on_with(&empty_postgres().await?, lines).await?,
        };
        Self::serve(installation, &[]).await
    }

    async fn serve(installation: Installation, environment: &[(&str, &str)]) -> Result<Site> {
        let program = installation.serve_with(&installation.first, environment).await?;
        let admin = installation.admin(&installation.first).await?;
        let first = found(&admin, "acme", "PROFILE_OAUTH21").await?;
        let second = found(&admin, "globex", "PROFILE_OIDC").await?;
        Ok(Site { program, installation, admin, first, second })
    }
}

/// The URL of a new, empty database on the cluster of this test process.
pub(crate) async fn empty_postgres() -> Result<String> {
    Ok(tokio::task::spawn_blocking(|| Cluster::shared().fresh(None)).await?)
}

/// Makes of each case a test on SQLite and one on PostgreSQL. The cases of a database share one scene: that of `authorization`,
/// where they name no other.
macro_rules! on_both {
    (by $on:path; $($name:ident = $case:path;)*) => {
        mod on_sqlite {
            use super::*;
            $(#[test] fn $name() -> anyhow::Result<()> { $on(crate::databases::Database::Sqlite, $case) })*
        }
        mod on_postgres {
            use super::*;
            $(#[test] fn $name() -> anyhow::Result<()> { $on(crate::databases::Database::Postgres, $case) })*
        }
    };
    ($($name:ident = $case:path;)*) => {
        crate::databases::on_both! { by crate::authorization::scene::on; $($name = $case;)* }
    };
}

pub(crate) use on_both;

//! PostgreSQL: one pool, short transactions, and row locks that decide.

mod listen;

use std::{str::FromStr, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqlxPostgresConnector};
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub(crate) use self::listen::follow;
use crate::open::OpenError;

/// The channel on which a committed change is announced.
const CHANNEL: &str = "chancery_changes";
/// How long a caller waits for a connection before the database counts as away.
const ACQUIRE: Duration = Duration::from_secs(2);
/// A connection that was idle for longer is asked whether it lives before it is used.
const TRUSTED: Duration = Duration::from_secs(1);
/// What every connection is told. A statement, a wait for a lock and a pause within a transaction have an end; a commit
/// returns when it is on disk.
const SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "15s"),
    ("synchronous_commit", "on"),
];

/// An open PostgreSQL database.
pub(crate) struct Postgres {
    pub(crate) connection: DatabaseConnection,
    pub(crate) pool: PgPool,
}

impl Postgres {
    /// Opens the database of the URL.
    pub(crate) async fn open(url: &str, connections: u32) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Url("it cannot be read"))?;
        let options = options.application_name("chancery").options(SETTINGS).disable_statement_logging();
        let pool = PgPoolOptions::new().max_connections(connections.max(2)).acquire_timeout(ACQUIRE);
        let pool = pool.test_before_acquire(false).before_acquire(|connection, idle| {
            Box::pin(async move {
                if idle.idle_for > TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
        let pool = pool.connect_with(options).await?;
        Ok(Self { connection: SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()), pool })
    }
}

/// Announces the changes of this transaction; others hear of it when it commits.
pub(crate) async fn announce(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    transaction.execute_unprepared(&format!("NOTIFY {CHANNEL}")).await.map(drop)
}

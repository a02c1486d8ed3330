//! Bringing the database up to date, one migration after the other, each whole or not at all, however many processes
//! begin at the same time. What was broken off goes on where it was.

use std::time::Duration;

use chancery_migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use tokio::time::{Instant, sleep};

use crate::{fault::is_lock_timeout, sqlite::Writer};

/// The number of the lock that one replica at a time migrates under. Any number does, as long as it stays.
const LOCK: i64 = 0x6368_616e_6365_7279;
/// How long a migration waits for a table that somebody uses. Whoever wants the table next waits behind it, logins too.
const LOCK_WAIT: &str = "SET LOCAL lock_timeout = '900ms'";
/// After how long it tries again; others have the table in between.
const PAUSE: Duration = Duration::from_secs(1);
/// How long it goes on trying.
const PATIENCE: Duration = Duration::from_secs(300);

/// Applies what is pending, while others wait for the turn. There is one process, and it serves nobody yet.
pub(crate) async fn sqlite(writer: &Writer) -> Result<(), DbErr> {
    let alone = writer.alone().await?;
    Migrator::up(alone.transaction(), None).await?;
    alone.commit().await
}

/// Applies what is pending, in turns with others who do the same, while replicas serve.
pub(crate) async fn postgres(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let until = Instant::now() + PATIENCE;
    while let Some(next) = pending(connection).await?.first() {
        match postgres_once(connection).await {
            Err(error) if is_lock_timeout(&error) && Instant::now() < until => {
                tracing::warn!(migration = next, "a transaction uses what is to be changed; trying again");
                sleep(PAUSE).await;
            }
            done => done?,
        }
    }
    Ok(())
}

/// Applies the next migration, unless somebody else does.
async fn postgres_once(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = connection.begin().await?;
    // A migration may take its time, and so may waiting for somebody else's.
    transaction.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
    transaction.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    transaction.execute_unprepared(LOCK_WAIT).await?;
    Migrator::up(&transaction, Some(1)).await?;
    transaction.commit().await
}

/// The names of what is pending, in order. Writes nothing.
pub(crate) async fn pending(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(connection).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}

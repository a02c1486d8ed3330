//! Bringing the shape of the database up to date: all at once or not at all, however many begin at the same time.

use chancery_migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use sea_orm_migration::MigratorTrait;

use crate::sqlite::Writer;

/// The number of the lock that one replica at a time migrates under. Any number does, as long as it stays.
const LOCK: i64 = 0x6368_616e_6365_7279;

/// Applies what is pending, while others wait for the turn.
pub(crate) async fn sqlite(writer: &Writer) -> Result<(), DbErr> {
    let alone = writer.alone().await?;
    Migrator::up(alone.transaction(), None).await?;
    alone.commit().await
}

/// Applies what is pending, while others wait for the lock.
pub(crate) async fn postgres(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = connection.begin().await?;
    // A migration may take its time, and so may waiting for somebody else's.
    transaction.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
    transaction.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// The names of what is pending, in order. Writes nothing.
pub(crate) async fn pending(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(connection).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}

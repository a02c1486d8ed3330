//! What goes from the feed: what was told long ago, and what is of another life of the database.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    fault::Fault,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, Statement};

use super::settled;
use crate::{
    audit,
    database::{Database, Kind},
    fault::fault,
    line::{Line, Transaction, WriteLine},
};

/// Removes at most `batch` changes that are from before that time. The last of them stays, so that whoever has read up to it
/// finds it however quiet the feed is; and so does what a transaction that still runs keeps from being told.
pub(crate) async fn remove_aged<L: WriteLine>(line: &L, before: Timestamp, batch: u32) -> Result<u64, Fault> {
    let db = line.db();
    let sql = format!(
        "WITH oldest AS (SELECT sequence FROM changes WHERE at <= $1 AND {} ORDER BY at LIMIT $2)
         DELETE FROM changes WHERE sequence IN (SELECT sequence FROM oldest)
         AND sequence < (SELECT MAX(sequence) FROM oldest)",
        settled(line)
    );
    let values = [before.millis().into(), (i64::from(batch) + 1).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.map(|done| done.rows_affected()).map_err(fault)
}

/// What a statement sees of other transactions was written by some that are numbered below the end of its snapshot. So what
/// is beyond, nobody wrote here: it was brought here, and its number is still to be given. Of its own transaction a
/// statement sees more, so this is all that its transaction writes.
const REMOVE_AHEAD: &str =
    "DELETE FROM changes WHERE sequence >= (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 20)";

/// Removes changes that lie ahead of all transactions, with an audit event when there are any, and counts them. SQLite
/// counts by itself, and from the last change on, also in a copy.
pub(crate) async fn remove_ahead(database: &Database) -> Result<u64, Fault> {
    if let Kind::Sqlite(_) = database.kind {
        return Ok(0);
    }
    let transaction = database.begin().await?;
    let removed = delete_ahead(&transaction).await.map_err(fault)?;
    if removed > 0 {
        let event = AuditEvent::new(None, transaction.now(), Actor::System, Action::DatabaseRestored);
        audit::write(&transaction, &[event.noting(format!("{removed} changes"))]).await?;
        transaction.commit().await?;
        tracing::warn!(
            changes.removed = removed,
            "the database was restored from a copy: its old changes are not told"
        );
    }
    Ok(removed)
}

/// There may be many, and a replica that begins at the same time waits for its turn.
async fn delete_ahead(transaction: &Transaction) -> Result<u64, sea_orm::DbErr> {
    let db = transaction.db();
    db.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
    db.execute_unprepared(REMOVE_AHEAD).await.map(|done| done.rows_affected())
}

//! The change feed. A change's place never lies before one that somebody has read: `m2026_11_21_000008_journal` tells how.

use chancery_domain::{
    change::{Change, ChangeKind, Noun},
    fault::Fault,
    id::TenantId,
};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value, prelude::Uuid};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    row::time,
};

/// On SQLite the database counts.
const APPEND_SQLITE: &str = "INSERT INTO changes (tenant_id, noun, object_id, at, kind) VALUES ($1, $2, $3, $4, $5)";

/// On PostgreSQL the place is the transaction's number, which orders transactions by their beginning, and a count of
/// 20 bits within it. (43 bits are left for the number: ten thousand transactions a second for 27 years.)
const APPEND_POSTGRES: &str = "INSERT INTO changes (sequence, tenant_id, noun, object_id, at, kind)
     VALUES ((pg_current_xact_id()::text::bigint << 20) + $6, $1, $2, $3, $4, $5)";

/// The same, unless a transaction that began to write later has touched the thing and is done: then the feed would tell
/// of a thing as gone that is there, or the other way round. Whoever touched it last held its row until the commit, so
/// what they wrote can be seen here. There are few changes beyond a transaction that runs.
const APPEND_POSTGRES_IN_ORDER: &str = "INSERT INTO changes (sequence, tenant_id, noun, object_id, at, kind)
     SELECT (pg_current_xact_id()::text::bigint << 20) + $6, $1, $2, $3, $4, $5 WHERE NOT EXISTS (
         SELECT 1 FROM changes WHERE sequence >= ((pg_current_xact_id()::text::bigint + 1) << 20)
         AND tenant_id IS NOT DISTINCT FROM $1 AND noun = $2 AND object_id = $3)";

/// No more than this many changes in one transaction.
const MOST: i64 = 1 << 20;

const COMMITTED_AFTER: &str = "SELECT sequence, tenant_id, noun, object_id, at, kind FROM changes
     WHERE sequence > $1 ORDER BY sequence LIMIT $2";

const SETTLED_AFTER: &str = "SELECT sequence, tenant_id, noun, object_id, at, kind FROM changes
     WHERE sequence > $1 AND sequence < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 20)
     ORDER BY sequence LIMIT $2";

const COMMITTED_OF_TENANT_AFTER: &str = "SELECT sequence, tenant_id, noun, object_id, at, kind FROM changes
     WHERE sequence > $1 AND tenant_id = $3 ORDER BY sequence LIMIT $2";

const SETTLED_OF_TENANT_AFTER: &str = "SELECT sequence, tenant_id, noun, object_id, at, kind FROM changes
     WHERE sequence > $1 AND sequence < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 20)
     AND tenant_id = $3 ORDER BY sequence LIMIT $2";

const LATEST_SQLITE: &str = "SELECT COALESCE(MAX(sequence), 0) AS sequence FROM changes";

const LATEST_POSTGRES: &str = "SELECT COALESCE(MAX(sequence), 0) AS sequence FROM changes
     WHERE sequence < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 20)";

#[derive(FromQueryResult)]
struct Row {
    sequence: i64,
    tenant_id: Option<Uuid>,
    noun: String,
    object_id: String,
    at: i64,
    kind: Option<String>,
}

impl Row {
    /// Words that only a newer version knows are left out: while one is being rolled out beside this one, the feed has to
    /// be read on.
    fn change(self) -> Change {
        Change {
            kind: self.kind.as_deref().and_then(ChangeKind::from_label),
            sequence: self.sequence,
            tenant: self.tenant_id.map(TenantId::from_uuid),
            noun: Noun::from_label(&self.noun),
            id: self.object_id,
            at: time(self.at),
        }
    }
}

/// A transaction that would tell the feed of a thing's beginning or end in the wrong order.
#[derive(Debug, thiserror::Error)]
#[error("a transaction that began later has touched the same thing and was faster")]
struct Overtaken;

/// What a transaction has touched.
pub(crate) struct Touched {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) noun: Noun,
    pub(crate) id: String,
}

/// Appends one change to the transaction. Where the feed would tell it in the wrong order, the transaction came too
/// late: it fails, and can be tried again.
pub(crate) async fn append<L: WriteLine>(
    line: &L,
    kind: ChangeKind,
    tenant: Option<TenantId>,
    noun: Noun,
    id: String,
) -> Result<(), Fault> {
    let db = line.db();
    let backend = db.get_database_backend();
    let owner = tenant.map(TenantId::uuid);
    let (noun_label, at) = (noun.label(), line.now().millis());
    let mut values = vec![owner.into(), noun_label.into(), id.as_str().into(), at.into(), kind.label().into()];
    let place = line.note(Touched { tenant, noun, id });
    if place >= MOST {
        return Err(Fault::bug("too many changes in one transaction"));
    }
    let sql = if backend == DbBackend::Postgres {
        values.push(place.into());
        match kind {
            ChangeKind::Created | ChangeKind::Deleted => APPEND_POSTGRES_IN_ORDER,
            // Who hears of an update reads the thing, and finds it as it is by then.
            ChangeKind::Updated => APPEND_POSTGRES,
        }
    } else {
        APPEND_SQLITE
    };
    let done = db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(fault)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Fault::unavailable("the change feed", Overtaken)) }
}

/// Changes after that place, in order, as far as no earlier one can still appear.
pub(crate) async fn after<L: Line>(line: &L, sequence: i64, limit: u32) -> Result<Vec<Change>, Fault> {
    let on_postgres = line.db().get_database_backend() == DbBackend::Postgres;
    select(line, if on_postgres { SETTLED_AFTER } else { COMMITTED_AFTER }, [sequence.into(), i64::from(limit).into()])
        .await
}

/// The same of one tenant alone.
pub(crate) async fn of_tenant_after<L: Line>(
    line: &L,
    tenant: TenantId,
    sequence: i64,
    limit: u32,
) -> Result<Vec<Change>, Fault> {
    let on_postgres = line.db().get_database_backend() == DbBackend::Postgres;
    let sql = if on_postgres { SETTLED_OF_TENANT_AFTER } else { COMMITTED_OF_TENANT_AFTER };
    select(line, sql, [sequence.into(), i64::from(limit).into(), tenant.uuid().into()]).await
}

/// Changes after that place that are committed, in order, though an earlier one may still appear.
pub(crate) async fn committed_after<L: Line>(line: &L, sequence: i64, limit: u32) -> Result<Vec<Change>, Fault> {
    select(line, COMMITTED_AFTER, [sequence.into(), i64::from(limit).into()]).await
}

async fn select<L: Line, const N: usize>(line: &L, sql: &str, values: [Value; N]) -> Result<Vec<Change>, Fault> {
    let db = line.db();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Row::find_by_statement(statement).all(&db).await.map_err(fault)?;
    Ok(rows.into_iter().map(Row::change).collect())
}

/// The place of the latest change that a reader may begin after.
pub(crate) async fn latest<L: Line>(line: &L) -> Result<i64, Fault> {
    let db = line.db();
    let backend = db.get_database_backend();
    let sql = if backend == DbBackend::Postgres { LATEST_POSTGRES } else { LATEST_SQLITE };
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await.map_err(fault)?;
    row.map_or(Ok(0), |row| row.try_get("", "sequence").map_err(fault))
}

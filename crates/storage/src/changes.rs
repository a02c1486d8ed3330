//! The change feed. A change's place never lies before one that somebody has read: `m2026_11_21_000008_journal` tells how.

mod read;
mod remove;

use chancery_domain::{
    change::{ChangeKind, Noun},
    fault::Fault,
    id::TenantId,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

pub(crate) use self::{
    read::{after, committed_after, latest, of_tenant_after},
    remove::{remove_aged, remove_ahead},
};
use crate::{
    fault::fault,
    line::{Line, WriteLine},
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

/// The condition of changes before which no other can appear any more. SQLite has one writer, so there it is all of them.
fn settled<L: Line>(line: &L) -> &'static str {
    if line.db().get_database_backend() == DbBackend::Postgres {
        "sequence < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 20)"
    } else {
        EVERY
    }
}

/// The condition of all changes that are committed.
const EVERY: &str = "TRUE";

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

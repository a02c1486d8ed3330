//! Sealing: events that wait get their places, the oldest first, in batches.
//!
//! A batch takes the heads of all its chains before it reads what waits, so two that seal at once, because one was frozen
//! and came back, give each event one place. What is cut off in the middle leaves everything waiting.

use std::collections::BTreeMap;

use chancery_audit::{ActorRecord, ObjectRecord, Record, link_all};
use chancery_domain::{audit_chain::SealedEvent, fault::Fault, id::TenantId, time::Timestamp};
use sea_orm::{ConnectionTrait, DatabaseExecutor, FromQueryResult, Statement, Value, prelude::Uuid};

use super::{ROWS, bytes, chain, placeholders};
use crate::{fault::fault, row::time};

/// The chains of the oldest events that wait.
const CHAINS: &str = "SELECT DISTINCT tenant_id FROM
     (SELECT tenant_id FROM audit_events WHERE position IS NULL ORDER BY sequence LIMIT $1) AS oldest";

const WAITING: &str =
    "SELECT sequence, tenant_id, at, actor_kind, actor_id, action, object_noun, object_id, reason, note,
     text FROM audit_events WHERE position IS NULL ORDER BY sequence LIMIT $1";

const PLACED: &str = "UPDATE audit_events SET chain = placed.chain, position = placed.position,
     previous = placed.previous, hash = placed.hash, text = COALESCE(audit_events.text, placed.text)
     FROM placed WHERE audit_events.sequence = placed.sequence AND audit_events.position IS NULL";

const NOTE: &str = "INSERT INTO audit_sealing (id, sealed_at) VALUES (1, $1)
     ON CONFLICT (id) DO UPDATE SET sealed_at = excluded.sealed_at";

#[derive(FromQueryResult)]
struct Chain {
    tenant_id: Option<Uuid>,
}

/// An event that waits.
#[derive(FromQueryResult)]
struct Waiting {
    sequence: i64,
    tenant_id: Option<Uuid>,
    at: i64,
    actor_kind: String,
    actor_id: String,
    action: String,
    object_noun: Option<String>,
    object_id: Option<String>,
    reason: Option<String>,
    note: Option<String>,
    text: Option<String>,
}

impl Waiting {
    /// Its text; one that was written before there were texts gets it from its columns.
    fn text(&self) -> String {
        self.text.clone().unwrap_or_else(|| {
            let tenant = self.tenant_id.map(|tenant| tenant.to_string());
            let actor = ActorRecord { kind: self.actor_kind.clone(), id: self.actor_id.clone() };
            let object = self.object_noun.clone().zip(self.object_id.clone());
            Record {
                object: object.map(|(kind, id)| ObjectRecord { kind, id }),
                reason: self.reason.clone(),
                note: self.note.clone(),
                ..Record::of_columns(tenant, time(self.at), actor, self.action.clone())
            }
            .text()
        })
    }
}

/// Gives at most `limit` events their places, and notes the time. Gives their number.
pub(super) async fn seal(db: &DatabaseExecutor<'_>, limit: u32, now: Timestamp) -> Result<u32, Fault> {
    let mut heads = BTreeMap::new();
    for tenant in chains(db, limit).await? {
        heads.insert(chain::id(tenant), chain::take(db, tenant).await?);
    }
    let mut waiting: BTreeMap<Uuid, Vec<Waiting>> = BTreeMap::new();
    let rows = Waiting::find_by_statement(limited(db, WAITING, limit)).all(db).await.map_err(fault)?;
    for row in rows {
        let chain = row.tenant_id.unwrap_or_default();
        // One whose head is not taken came just now; it is for the next batch.
        if heads.contains_key(&chain) {
            waiting.entry(chain).or_default().push(row);
        }
    }
    let mut count = 0;
    for (id, rows) in waiting {
        let Some(head) = heads.get_mut(&id) else { continue };
        let sealed = link_all(head, rows.iter().map(Waiting::text));
        let placed: Vec<_> = rows.iter().zip(sealed).collect();
        for placed in placed.chunks(ROWS) {
            place(db, id, placed).await?;
        }
        chain::advance(db, chain::tenant(id), head).await?;
        count += placed.len();
    }
    let note = Statement::from_sql_and_values(db.get_database_backend(), NOTE, [now.millis().into()]);
    db.execute_raw(note).await.map_err(fault)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The chains that a batch is about, in the order in which heads are taken.
async fn chains(db: &DatabaseExecutor<'_>, limit: u32) -> Result<Vec<Option<TenantId>>, Fault> {
    let rows = Chain::find_by_statement(limited(db, CHAINS, limit)).all(db).await.map_err(fault)?;
    let mut ids: Vec<Uuid> = rows.into_iter().map(|row| row.tenant_id.unwrap_or_default()).collect();
    ids.sort_unstable();
    Ok(ids.into_iter().map(chain::tenant).collect())
}

fn limited(db: &DatabaseExecutor<'_>, sql: &str, limit: u32) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, [i64::from(limit).into()])
}

async fn place(db: &DatabaseExecutor<'_>, id: Uuid, rows: &[(&Waiting, SealedEvent)]) -> Result<(), Fault> {
    let backend = db.get_database_backend();
    let mut values: Vec<Value> = Vec::with_capacity(rows.len() * 6);
    for (row, SealedEvent { position, previous, hash, text }) in rows {
        let text = row.text.is_none().then(|| text.clone());
        let place = [row.sequence.into(), id.into(), chain::number(*position)?.into(), bytes(previous), bytes(hash)];
        values.extend(place.into_iter().chain([text.into()]));
    }
    let places = placeholders(backend, rows.len(), 6);
    let sql = format!("WITH placed (sequence, chain, position, previous, hash, text) AS (VALUES {places}) {PLACED}");
    let done = db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(fault)?;
    if done.rows_affected() == rows.len() as u64 {
        Ok(())
    } else {
        Err(Fault::bug("an audit event that was waiting has a place"))
    }
}

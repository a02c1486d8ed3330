//! Audit events: written in the transaction of what they tell, or a little later where there is none. Kept for good.
//!
//! What people and clients do gets a row at once, and its place in the chain from whoever seals: so the tokens of a
//! tenant never wait for one row. What operators and the server itself do is linked on commit.

mod chain;
mod checkpoints;
mod later;
mod listing;
mod reads;
mod seal;

use chancery_audit::canonical;
use chancery_domain::{audit::AuditEvent, audit_chain::SealedEvent, change::Noun, fault::Fault, id::TenantId};
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, Statement, Value};

pub(crate) use self::{chain::link, later::Later};
use crate::line::WriteLine;

const INSERT: &str = "INSERT INTO audit_events
     (tenant_id, at, actor_kind, actor_id, action, object_noun, object_id, reason, note, text";
const PLACE: &str = ", chain, position, previous, hash";

/// How many rows go in one statement.
const ROWS: usize = 256;

/// Writes events, in order; those that are to be linked at once, when the transaction commits.
pub(crate) async fn write<L: WriteLine>(line: &L, events: &[AuditEvent]) -> Result<(), Fault> {
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        if event.is_sealed_later() {
            rows.push(columns(event, canonical(event)));
        } else {
            line.note_event(event.clone());
        }
    }
    insert(&line.db(), &format!("{INSERT})"), rows).await
}

/// Writes events with their places.
async fn write_sealed(
    db: &DatabaseExecutor<'_>,
    tenant: Option<TenantId>,
    events: impl Iterator<Item = (&AuditEvent, SealedEvent)>,
) -> Result<(), Fault> {
    let row = |(event, sealed): (&AuditEvent, SealedEvent)| {
        let SealedEvent { position, previous, hash, text } = sealed;
        let place = [chain::id(tenant).into(), chain::number(position)?.into(), bytes(&previous), bytes(&hash)];
        Ok(columns(event, text).into_iter().chain(place).collect())
    };
    let rows: Vec<Vec<Value>> = events.map(row).collect::<Result<_, Fault>>()?;
    insert(db, &format!("{INSERT}{PLACE})"), rows).await
}

async fn insert(db: &DatabaseExecutor<'_>, into: &str, rows: Vec<Vec<Value>>) -> Result<(), Fault> {
    let backend = db.get_database_backend();
    for rows in rows.chunks(ROWS) {
        let columns = rows.first().map_or(0, Vec::len);
        let sql = format!("{into} VALUES {}", placeholders(backend, rows.len(), columns));
        let values: Vec<Value> = rows.iter().flatten().cloned().collect();
        db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(unwritten)?;
    }
    Ok(())
}

/// Whatever keeps an event from being written: what it tells of must not stand without it, and may be tried again.
fn unwritten(error: DbErr) -> Fault {
    Fault::unavailable("the audit", error)
}

fn columns(event: &AuditEvent, text: String) -> Vec<Value> {
    let (kind, id) = event.author.actor.parts();
    let (noun, object) = event.object.clone().unzip();
    vec![
        event.tenant.map(TenantId::uuid).into(),
        event.at.millis().into(),
        kind.into(),
        id.into(),
        event.action.code().into(),
        noun.map(Noun::label).into(),
        object.into(),
        event.reason.into(),
        event.note.clone().into(),
        text.into(),
    ]
}

fn bytes(hash: &chancery_domain::audit_chain::AuditHash) -> Value {
    hash.bytes().to_vec().into()
}

/// `($1, …, $9), ($10, …, $18)`, and so on; `(?, …, ?)` on SQLite, where the driver asks for the name of each place, and
/// finding the name of the n-th takes n steps.
fn placeholders(backend: DbBackend, rows: usize, columns: usize) -> String {
    let numbered = backend == DbBackend::Postgres;
    let place = |number: usize| if numbered { format!("${number}") } else { "?".to_owned() };
    let row = |at: usize| {
        let places: Vec<_> = (1..=columns).map(|column| place(at * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_places_of_its_own() {
        assert_eq!(placeholders(DbBackend::Postgres, 2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(placeholders(DbBackend::Sqlite, 1, 3), "(?, ?, ?)");
    }
}

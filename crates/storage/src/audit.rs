//! Audit events: written in the transaction of what they tell, or a little later where there is none. Kept for good.

mod later;

use chancery_domain::{audit::AuditEvent, change::Noun, fault::Fault, id::TenantId};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

pub(crate) use self::later::Later;
use crate::{fault::fault, line::WriteLine};

const INSERT: &str = "INSERT INTO audit_events
     (tenant_id, at, actor_kind, actor_id, action, object_noun, object_id, reason, note) VALUES ";

/// The columns of one event.
const COLUMNS: usize = 9;

/// Writes events, in order.
pub(crate) async fn write<L: WriteLine>(line: &L, events: &[AuditEvent]) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    let values: Vec<Value> = events.iter().flat_map(columns).collect();
    let db = line.db();
    let backend = db.get_database_backend();
    let sql = format!("{INSERT}{}", placeholders(backend, events.len()));
    db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.map(drop).map_err(fault)
}

fn columns(event: &AuditEvent) -> [Value; COLUMNS] {
    let (kind, id) = event.actor.parts();
    let (noun, object) = event.object.clone().unzip();
    [
        event.tenant.map(TenantId::uuid).into(),
        event.at.millis().into(),
        kind.into(),
        id.into(),
        event.action.code().into(),
        noun.map(Noun::label).into(),
        object.into(),
        event.reason.into(),
        event.note.clone().into(),
    ]
}

/// `($1, …, $9), ($10, …, $18)`, and so on; `(?, …, ?)` on SQLite, where the driver asks for the name of each place, and
/// finding the name of the n-th takes n steps.
fn placeholders(backend: DbBackend, events: usize) -> String {
    let numbered = backend == DbBackend::Postgres;
    let place = |number: usize| if numbered { format!("${number}") } else { "?".to_owned() };
    let event = |at: usize| {
        let places: Vec<_> = (1..=COLUMNS).map(|column| place(at * COLUMNS + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..events).map(event).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_places_of_its_own() {
        let expected = "($1, $2, $3, $4, $5, $6, $7, $8, $9), ($10, $11, $12, $13, $14, $15, $16, $17, $18)";
        assert_eq!(placeholders(DbBackend::Postgres, 2), expected);
        assert_eq!(placeholders(DbBackend::Sqlite, 1), "(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }
}

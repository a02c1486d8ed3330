//! Reading the feed on from a place, as long as the change of that place is there.

use chancery_domain::{
    change::{Change, ChangeKind, Noun, Place},
    fault::{Fault, FeedError},
    id::TenantId,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value, prelude::Uuid};

use super::{EVERY, settled};
use crate::{fault::fault, line::Line, row::time};

const COLUMNS: &str = "sequence, tenant_id, noun, object_id, at, kind";

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
            place: Place { sequence: self.sequence, at: time(self.at) },
            tenant: self.tenant_id.map(TenantId::from_uuid),
            noun: Noun::from_label(&self.noun),
            id: self.object_id,
        }
    }
}

/// Changes after that place, in order, as far as no earlier one can still appear.
pub(crate) async fn after<L: Line>(line: &L, place: Place, limit: u32) -> Result<Vec<Change>, FeedError> {
    read(line, settled(line), None, place, limit).await
}

/// The same of one tenant alone.
pub(crate) async fn of_tenant_after<L: Line>(
    line: &L,
    tenant: TenantId,
    place: Place,
    limit: u32,
) -> Result<Vec<Change>, FeedError> {
    read(line, settled(line), Some(tenant), place, limit).await
}

/// Changes after that place that are committed, in order, though an earlier one may still appear.
pub(crate) async fn committed_after<L: Line>(line: &L, place: Place, limit: u32) -> Result<Vec<Change>, FeedError> {
    read(line, EVERY, None, place, limit).await
}

/// Reads the change of the place and those after it in one statement, so that the one is there while the others are read.
/// Each is a walk along an index of its own, however many tenants there are.
async fn read<L: Line>(
    line: &L,
    told: &str,
    tenant: Option<TenantId>,
    place: Place,
    limit: u32,
) -> Result<Vec<Change>, FeedError> {
    let theirs = if tenant.is_some() { "AND tenant_id = $3" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM changes WHERE sequence = $1 AND {told}
         UNION ALL
         SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM changes WHERE sequence > $1 AND {told} {theirs}
             ORDER BY sequence LIMIT $2) AS later
         ORDER BY sequence"
    );
    let mut values: Vec<Value> = vec![place.sequence.into(), i64::from(limit).into()];
    values.extend(tenant.map(|tenant| Value::from(tenant.uuid())));
    let db = line.db();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Row::find_by_statement(statement).all(&db).await.map_err(fault)?;
    let mut changes = rows.into_iter().map(Row::change);
    if place != Place::START && changes.next().map(|witness| witness.place) != Some(place) {
        return Err(FeedError::Lost);
    }
    Ok(changes.collect())
}

/// The place of the latest change that a reader may begin after.
pub(crate) async fn latest<L: Line>(line: &L) -> Result<Place, Fault> {
    let db = line.db();
    let sql = format!("SELECT sequence, at FROM changes WHERE {} ORDER BY sequence DESC LIMIT 1", settled(line));
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.map_err(fault)?;
    let Some(row) = row else { return Ok(Place::START) };
    let number = |column| row.try_get("", column).map_err(fault);
    Ok(Place { sequence: number("sequence")?, at: time(number("at")?) })
}

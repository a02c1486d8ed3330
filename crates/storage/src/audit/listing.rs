//! Chains as operators look through them. What is compared are columns beside the text; what is told is the text.

use chancery_domain::{
    audit_chain::{AuditEventField, SealedEvent},
    fault::Fault,
    id::TenantId,
    page::Page,
    query::{Query, Value},
    time::Timestamp,
};
use sea_orm::{Condition, prelude::*};

use super::chain;
use crate::{
    fault::fault,
    line::Line,
    platform::PlatformRows,
    query::{Listed, asked},
    row::{Reading, time},
    rows::page_of,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) sequence: i64,
    pub(crate) chain: Option<Uuid>,
    pub(crate) position: Option<i64>,
    pub(crate) previous: Option<Vec<u8>>,
    pub(crate) hash: Option<Vec<u8>>,
    pub(crate) text: Option<String>,
    pub(crate) at: i64,
    pub(crate) actor_id: String,
    pub(crate) action: String,
    pub(crate) object_id: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Listed for Entity {
    type Field = AuditEventField;

    fn column(field: AuditEventField) -> Column {
        match field {
            AuditEventField::EventTime => Column::At,
            AuditEventField::Actor => Column::ActorId,
            AuditEventField::Action => Column::Action,
            AuditEventField::Object => Column::ObjectId,
        }
    }
}

impl Model {
    fn thing(self, chain: Uuid) -> Result<SealedEvent, Fault> {
        let row = Reading::row("audit_events", chain, &self.sequence);
        let position = row.present("position", self.position)?;
        Ok(SealedEvent {
            position: u64::try_from(position).map_err(|_| row.wrong("position"))?,
            previous: chain::hash(&row, "previous", row.present("previous", self.previous.as_deref())?)?,
            hash: chain::hash(&row, "hash", row.present("hash", self.hash.as_deref())?)?,
            text: row.present("text", self.text)?,
        })
    }

    fn field(&self, field: AuditEventField) -> Option<Value> {
        match field {
            AuditEventField::EventTime => Some(Value::Time(time(self.at))),
            AuditEventField::Actor => Some(Value::Text(self.actor_id.clone())),
            AuditEventField::Action => Some(Value::Text(self.action.clone())),
            AuditEventField::Object => self.object_id.clone().map(Value::Text),
        }
    }
}

/// A page of a chain, between two times.
pub(super) async fn list<L: Line>(
    rows: &PlatformRows<L>,
    tenant: Option<TenantId>,
    (since, before): (Option<Timestamp>, Option<Timestamp>),
    query: &Query<AuditEventField>,
) -> Result<Page<SealedEvent>, Fault> {
    let id = chain::id(tenant);
    let those = Condition::all()
        .add(Column::Chain.eq(id))
        .add(Column::Position.is_not_null())
        .add_option(since.map(|since| Column::At.gte(since.millis())))
        .add_option(before.map(|before| Column::At.lt(before.millis())));
    let own = |after: &str| {
        let place: i64 = after.parse().map_err(|error| Fault::broken("page of audit events", error))?;
        Ok(vec![place.into()])
    };
    let select = asked(Entity::find().filter(those), query, &[Column::Position], own)?;
    let found = select.all(&rows.line().db()).await.map_err(fault)?;
    let position =
        |row: &Model| query.position(|field| row.field(field), &row.position.unwrap_or_default().to_string());
    let Page { rows, next } = page_of(&query.page, found, position);
    let events = rows.into_iter().map(|row| row.thing(id)).collect::<Result<_, _>>()?;
    Ok(Page { rows: events, next })
}

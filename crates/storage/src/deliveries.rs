//! The outbox. A claim counts the attempt, and the count guards whatever is written about it afterwards.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    delivery::{Delivery, DeliveryKind},
    fault::{Fault, WriteError},
    id::{ClientUid, DeliveryId, TenantId},
    ports::deliveries::{Deliveries, DeliveryQueue, DeliveryReads, Owed, Wish},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Statement, Value, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    platform::PlatformRows,
    row::{Reading, time},
    rows::{Rows, fenced},
};

const TABLE: &str = "deliveries";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) client_uid: Uuid,
    pub(crate) kind: String,
    pub(crate) target: String,
    pub(crate) place: String,
    pub(crate) body: String,
    pub(crate) attempts: i64,
    pub(crate) created_at: i64,
    pub(crate) next_attempt_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) last_error: Option<String>,
}

fenced!();

/// What is due, with each place's messages counted and then each tenant's, so that neither a place with many nor a tenant
/// with many places stands before all others.
const DUE: &str = "SELECT tenant_id, id, client_uid, kind, target, place, body, attempts, created_at, next_attempt_at,
     expires_at, last_error FROM (
         SELECT *, ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY next_attempt_at, id) AS of_tenant FROM (
             SELECT *, ROW_NUMBER() OVER (PARTITION BY place ORDER BY next_attempt_at, id) AS of_place
             FROM deliveries WHERE next_attempt_at <= $1 AND kind IN ({kinds}) AND place NOT IN ({busy})
                 AND tenant_id NOT IN ({full})) AS due
         WHERE of_place <= $2) AS fair
     WHERE of_tenant <= $3 ORDER BY next_attempt_at, id LIMIT $4";

const CLAIM: &str = "UPDATE deliveries SET attempts = attempts + 1, next_attempt_at = $1
     WHERE tenant_id = $2 AND id = $3 AND attempts = $4";

const SETTLE: &str = "DELETE FROM deliveries WHERE tenant_id = $1 AND id = $2 AND attempts = $3";

const PUT_OFF: &str = "UPDATE deliveries SET next_attempt_at = $1, last_error = $2
     WHERE tenant_id = $3 AND id = $4 AND attempts = $5";

impl Model {
    fn thing(self) -> Result<Owed, Fault> {
        let row = Reading::row(TABLE, self.tenant_id, &self.id);
        let delivery = Delivery {
            id: DeliveryId::from_uuid(self.id),
            client: ClientUid::from_uuid(self.client_uid),
            kind: row.label("kind", &self.kind, DeliveryKind::ALL, DeliveryKind::label)?,
            target: self.target,
            place: self.place,
            body: self.body,
            attempts: u32::try_from(self.attempts).map_err(|_| row.wrong("attempts"))?,
            created_at: time(self.created_at),
            next_attempt_at: time(self.next_attempt_at),
            expires_at: time(self.expires_at),
            last_error: self.last_error,
        };
        Ok(Owed { tenant: TenantId::from_uuid(self.tenant_id), delivery })
    }
}

#[async_trait]
impl<L: WriteLine> Deliveries for Rows<L> {
    async fn insert(&self, delivery: &Delivery) -> Result<(), WriteError> {
        let row = Model {
            tenant_id: self.tenant(),
            id: delivery.id.uuid(),
            client_uid: delivery.client.uuid(),
            kind: delivery.kind.label().to_owned(),
            target: delivery.target.clone(),
            place: delivery.place.clone(),
            body: delivery.body.clone(),
            attempts: i64::from(delivery.attempts),
            created_at: delivery.created_at.millis(),
            next_attempt_at: delivery.next_attempt_at.millis(),
            expires_at: delivery.expires_at.millis(),
            last_error: delivery.last_error.clone(),
        };
        self.insert_row(Noun::Client, row).await
    }
}

#[async_trait]
impl<L: Line> DeliveryReads for PlatformRows<L> {
    async fn is_any_due(&self, now: Timestamp) -> Result<bool, Fault> {
        let select = Entity::find().filter(Column::NextAttemptAt.lte(now.millis())).order_by_asc(Column::NextAttemptAt);
        Ok(select.limit(1).one(&self.line().db()).await.map_err(fault)?.is_some())
    }
}

#[async_trait]
impl<L: WriteLine> DeliveryQueue for PlatformRows<L> {
    async fn claim(&self, now: Timestamp, until: Timestamp, wish: &Wish) -> Result<Vec<Owed>, Fault> {
        let db = self.line().db();
        // Kinds that a newer version of the server knows are for its workers.
        let kinds = DeliveryKind::ALL.iter().map(|kind| kind.label().into());
        // An empty text is no place, and no list of SQL may be empty.
        let busy = wish.not_for.iter().map(String::as_str).chain([""]).map(Value::from);
        // Nor is nil a tenant.
        let full = wish.not_of.iter().map(|tenant| tenant.uuid()).chain([Uuid::nil()]).map(Value::from);
        let (first_busy, busy_ones) = (5 + DeliveryKind::ALL.len(), wish.not_for.len() + 1);
        let sql = DUE.replace("{kinds}", &parameters(5, DeliveryKind::ALL.len()));
        let sql = sql.replace("{busy}", &parameters(first_busy, busy_ones));
        let sql = sql.replace("{full}", &parameters(first_busy + busy_ones, wish.not_of.len() + 1));
        let bounds = [wish.of_one_place, wish.of_one_tenant, wish.most].map(|bound| i64::from(bound).into());
        let values = std::iter::once(now.millis().into()).chain(bounds).chain(kinds).chain(busy).chain(full);
        let due = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let due = Entity::find().from_raw_sql(due).all(&db).await.map_err(fault)?;
        let mut claimed = Vec::with_capacity(due.len());
        for row in due {
            // Of two who saw it the same, one counts it.
            let guard = [until.millis().into(), row.tenant_id.into(), row.id.into(), row.attempts.into()];
            if self.write(CLAIM, guard).await? {
                let row = Model { attempts: row.attempts + 1, next_attempt_at: until.millis(), ..row };
                match row.thing() {
                    Ok(owed) => claimed.push(owed),
                    // One row that makes no sense must not stand before all the others for ever.
                    Err(fault) => tracing::error!(error = %fault, "a delivery cannot be read"),
                }
            }
        }
        Ok(claimed)
    }

    async fn settle(&self, owed: &Owed) -> Result<bool, Fault> {
        self.write(SETTLE, guard(owed)).await
    }

    async fn put_off(&self, owed: &Owed, until: Timestamp, error: &str) -> Result<bool, Fault> {
        let values = [until.millis().into(), error.into()];
        self.write(PUT_OFF, values.into_iter().chain(guard(owed))).await
    }
}

/// So many parameters, the first of that number.
fn parameters(first: usize, many: usize) -> String {
    (first..first + many).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// The attempt that is written about.
fn guard(owed: &Owed) -> [Value; 3] {
    [owed.tenant.uuid().into(), owed.delivery.id.uuid().into(), i64::from(owed.delivery.attempts).into()]
}

impl<L: WriteLine> PlatformRows<L> {
    /// Runs a guarded statement, and says whether it found its row.
    async fn write(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<bool, Fault> {
        let db = self.line().db();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        db.execute_raw(statement).await.map(|done| done.rows_affected() == 1).map_err(fault)
    }
}

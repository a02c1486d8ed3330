//! Challenges and nonces that clients used lately. One statement remembers them and finds out which were there before: a
//! place that holds the same value of another session is left as it is, and not told as written.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    fresh_value::{FreshKind, FreshValue, Reuse},
    id::{ClientUid, SessionId},
    ports::fresh_values::FreshValues,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, Value, entity::prelude::*};

use crate::{
    fault::fault,
    line::WriteLine,
    rows::{Rows, fenced, unguarded},
};

const KEEP: &str = "ON CONFLICT (tenant_id, client_uid, kind, place) DO UPDATE
        SET digest = excluded.digest, session_id = excluded.session_id, expires_at = excluded.expires_at
      WHERE fresh_values.digest <> excluded.digest OR fresh_values.session_id = excluded.session_id
         OR fresh_values.expires_at <= $5
     RETURNING kind";

const WARN: &str = "INSERT INTO fresh_warnings (tenant_id, client_uid, kind, quiet_until) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, client_uid, kind) DO UPDATE SET quiet_until = excluded.quiet_until
      WHERE fresh_warnings.quiet_until <= $5";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fresh_values")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) client_uid: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) place: i64,
    pub(crate) digest: Vec<u8>,
    pub(crate) session_id: Uuid,
    pub(crate) expires_at: i64,
}

fenced!();

#[async_trait]
impl<L: WriteLine> FreshValues for Rows<L> {
    async fn remember(
        &self,
        client: ClientUid,
        session: SessionId,
        values: &[FreshValue],
        now: Timestamp,
    ) -> Result<Vec<Reuse>, Fault> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let kept = self.keep(client, session, values, now).await?;
        let mut reused = Vec::new();
        for value in values.iter().filter(|value| !kept.iter().any(|kind| kind == value.kind.label())) {
            let select = self
                .select::<Entity>()
                .filter(Column::ClientUid.eq(client.uuid()))
                .filter(Column::Kind.eq(value.kind.label()))
                .filter(Column::Place.eq(i64::from(value.place())));
            let there = self.one(select).await?;
            reused.extend(there.map(|row| Reuse { kind: value.kind, session: SessionId::from_uuid(row.session_id) }));
        }
        Ok(reused)
    }

    async fn may_warn(&self, client: ClientUid, kind: FreshKind, now: Timestamp) -> Result<bool, Fault> {
        let until = (now + FreshValue::QUIET).millis();
        let values = [client.uuid().into(), kind.label().into(), until.into(), now.millis().into()];
        self.execute(self.statement(WARN, values)).await.map(|rows| rows == 1).map_err(unguarded)
    }
}

impl<L: WriteLine> Rows<L> {
    /// Writes them, each to its place, and gives the kinds of those that were written.
    async fn keep(
        &self,
        client: ClientUid,
        session: SessionId,
        values: &[FreshValue],
        now: Timestamp,
    ) -> Result<Vec<String>, Fault> {
        let until = (now + FreshValue::REMEMBERED).millis();
        let mut parameters: Vec<Value> =
            vec![client.uuid().into(), session.uuid().into(), until.into(), now.millis().into()];
        let mut rows = Vec::with_capacity(values.len());
        for value in values {
            // The tenant is the first parameter.
            let first = parameters.len() + 2;
            rows.push(format!("($1, $2, ${first}, ${}, ${}, $3, $4)", first + 1, first + 2));
            let digest = value.digest.bytes().to_vec();
            parameters.extend([value.kind.label().into(), i64::from(value.place()).into(), digest.into()]);
        }
        let columns = "tenant_id, client_uid, kind, place, digest, session_id, expires_at";
        let sql = format!("INSERT INTO fresh_values ({columns}) VALUES {} {KEEP}", rows.join(", "));
        let written = self.line().db().query_all_raw(self.statement(&sql, parameters)).await.map_err(fault)?;
        written.iter().map(|row| row.try_get_by_index(0).map_err(fault)).collect()
    }
}

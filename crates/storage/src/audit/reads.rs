//! Reading chains.

use async_trait::async_trait;
use chancery_domain::{
    audit_chain::{AuditCheckpoint, AuditEventField, AuditHead, AuditKey, SealedEvent},
    fault::Fault,
    id::TenantId,
    page::Page,
    ports::audit::{AuditQuery, AuditReads, Sealing},
    query::Query,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value, prelude::Uuid};

use super::{chain, checkpoints, listing};
use crate::{
    fault::fault,
    line::Line,
    platform::PlatformRows,
    row::{Reading, time},
};

const HEAD: &str = "SELECT position, hash FROM audit_heads WHERE chain = $1 AND position > 0";

const EVENTS: &str = "SELECT position, previous, hash, text FROM audit_events
     WHERE chain = $1 AND position > $2 AND position <= $3";

const UNSIGNED: &str = "SELECT chain FROM audit_heads WHERE position > checkpoint_position
     AND (position - checkpoint_position >= $1 OR checkpoint_at <= $2) ORDER BY checkpoint_at, chain LIMIT $3";

const SEALING: &str = "SELECT
     (SELECT at FROM audit_events WHERE position IS NULL ORDER BY sequence LIMIT 1) AS waiting_since,
     (SELECT sealed_at FROM audit_sealing WHERE id = 1) AS sealed_at";

#[derive(FromQueryResult)]
struct Event {
    position: i64,
    previous: Vec<u8>,
    hash: Vec<u8>,
    text: String,
}

impl Event {
    fn thing(self, chain: Uuid) -> Result<SealedEvent, Fault> {
        let row = Reading::row("audit_events", chain, &self.position);
        Ok(SealedEvent {
            position: u64::try_from(self.position).map_err(|_| row.wrong("position"))?,
            previous: chain::hash(&row, "previous", &self.previous)?,
            hash: chain::hash(&row, "hash", &self.hash)?,
            text: self.text,
        })
    }
}

#[derive(FromQueryResult)]
struct Unsigned {
    chain: Uuid,
}

#[derive(FromQueryResult)]
struct SealingRow {
    waiting_since: Option<i64>,
    sealed_at: Option<i64>,
}

impl<L: Line> PlatformRows<L> {
    pub(super) async fn found<R: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<R>, Fault> {
        let db = self.line().db();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        R::find_by_statement(statement).all(&db).await.map_err(fault)
    }
}

#[async_trait]
impl<L: Line> AuditReads for PlatformRows<L> {
    async fn head(&self, tenant: Option<TenantId>) -> Result<Option<AuditHead>, Fault> {
        let id = chain::id(tenant);
        let rows: Vec<chain::Row> = self.found(HEAD, [id.into()]).await?;
        rows.into_iter().next().map(|row| row.head(id)).transpose()
    }

    async fn events(&self, tenant: Option<TenantId>, query: AuditQuery) -> Result<Vec<SealedEvent>, Fault> {
        let id = chain::id(tenant);
        let until = query.until.map_or(Ok(i64::MAX), chain::number)?;
        let mut values: Vec<Value> = vec![id.into(), chain::number(query.after)?.into(), until.into()];
        let mut sql = EVENTS.to_owned();
        for (rule, at) in [("at >=", query.since), ("at <", query.before)] {
            if let Some(at) = at {
                values.push(at.millis().into());
                sql = format!("{sql} AND {rule} ${}", values.len());
            }
        }
        values.push(i64::from(query.limit).into());
        sql = format!("{sql} ORDER BY position LIMIT ${}", values.len());
        let rows: Vec<Event> = self.found(&sql, values).await?;
        rows.into_iter().map(|row| row.thing(id)).collect()
    }

    async fn list(
        &self,
        tenant: Option<TenantId>,
        between: (Option<Timestamp>, Option<Timestamp>),
        query: Query<AuditEventField>,
    ) -> Result<Page<SealedEvent>, Fault> {
        listing::list(self, tenant, between, &query).await
    }

    async fn checkpoints(
        &self,
        tenant: Option<TenantId>,
        from: u64,
        limit: u32,
    ) -> Result<Vec<AuditCheckpoint>, Fault> {
        checkpoints::from(self, tenant, from, limit).await
    }

    async fn unsigned(&self, most: u64, before: Timestamp, limit: u32) -> Result<Vec<Option<TenantId>>, Fault> {
        let values = [chain::number(most)?.into(), before.millis().into(), i64::from(limit).into()];
        let rows: Vec<Unsigned> = self.found(UNSIGNED, values).await?;
        Ok(rows.into_iter().map(|row| chain::tenant(row.chain)).collect())
    }

    async fn sealing(&self) -> Result<Sealing, Fault> {
        let rows: Vec<SealingRow> = self.found(SEALING, []).await?;
        let row = rows.into_iter().next().ok_or_else(|| Fault::bug("the store does not say how sealing goes"))?;
        Ok(Sealing { waiting_since: row.waiting_since.map(time), sealed_at: row.sealed_at.map(time) })
    }

    async fn keys(&self) -> Result<Vec<AuditKey>, Fault> {
        checkpoints::keys(self).await
    }
}

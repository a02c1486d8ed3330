//! Re-wrapping: the one row that says where tenants' own keys move to, and the moves.
//!
//! Whoever moves keys first takes the turn, which is that row's lock: a pause waits for it, and after the pause nothing
//! moves. A master key is released under the lock of its check value, which whoever makes a tenant holds too
//! ([`is_in_use`]): so none is made under a key that has just been found to seal nothing.

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    id::{AdminKeyId, MasterKeyId, TenantId},
    ports::{
        rewrap::{RewrapReads, Rewraps, SealedCount},
        store::SealedKek,
    },
    principal::Principal,
    rewrap::{Rewrap, RewrapState},
    time::Timestamp,
    version::Version,
};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    platform::PlatformRows,
    row::{Reading, time},
};

const FIND: &str =
    "SELECT target, state, started_by, starter, started_at, updated_at, version FROM rewrap WHERE id = 1";

const COUNTS: &str = "SELECT master_key, COUNT(*) AS tenants, COUNT(failed_at) AS failed FROM tenant_keks
     GROUP BY master_key ORDER BY master_key";

const SEALED_UNDER: &str = "SELECT tenant_id, sealed FROM tenant_keks WHERE master_key = $1 AND failed_at IS NULL
     ORDER BY tenant_id LIMIT $2";

const PUT: &str = "INSERT INTO rewrap (id, target, state, started_by, started_at, updated_at, version, starter)
     VALUES (1, $1, $2, $3, $4, $5, $6 + 1, $7)
     ON CONFLICT (id) DO UPDATE SET target = excluded.target, state = excluded.state, started_by = excluded.started_by,
         started_at = excluded.started_at, updated_at = excluded.updated_at, version = excluded.version,
         starter = excluded.starter
     WHERE rewrap.version = excluded.version - 1";

const FORGET_FAILURES: &str = "UPDATE tenant_keks SET failed_at = NULL WHERE failed_at IS NOT NULL";

const TAKE_TURN: &str = "UPDATE rewrap SET updated_at = $2 WHERE id = 1 AND state = 'running' AND target = $1";

const REPLACE: &str = "UPDATE tenant_keks SET master_key = $4, sealed = $5, failed_at = NULL
     WHERE tenant_id = $1 AND master_key = $2 AND sealed = $3";

const NOTE_FAILURE: &str = "UPDATE tenant_keks SET failed_at = $4
     WHERE tenant_id = $1 AND master_key = $2 AND sealed = $3 AND failed_at IS NULL";

const IN_USE: &str = "SELECT id FROM master_keys WHERE id = $1";

const SEALS_ANY: &str = "SELECT master_key FROM tenant_keks WHERE master_key = $1 LIMIT 1";

const RELEASE: &str = "DELETE FROM master_keys WHERE id = $1";

const TABLE: &str = "rewrap";

#[derive(FromQueryResult)]
struct Row {
    target: String,
    state: String,
    started_by: Uuid,
    starter: Option<String>,
    started_at: i64,
    updated_at: i64,
    version: i64,
}

impl Row {
    fn thing(self) -> Result<Rewrap, Fault> {
        let row = Reading::platform(TABLE, &1);
        // Rows of before there were other callers have the id of an API key alone.
        let by = match &self.starter {
            Some(starter) => row.parse("starter", starter)?,
            None => Principal::ApiKey(AdminKeyId::from_uuid(self.started_by)),
        };
        let rewrap = Rewrap::start(None, row.parse("target", &self.target)?, by, time(self.started_at));
        let rewrap = rewrap.map_err(|error| Fault::broken("the first re-wrap", error))?;
        let state = row.label("state", &self.state, &RewrapState::ALL, RewrapState::label)?;
        Ok(rewrap.stored_as(state, time(self.updated_at), Version::new(self.version)))
    }
}

#[derive(FromQueryResult)]
struct Count {
    master_key: String,
    tenants: i64,
    failed: i64,
}

#[derive(FromQueryResult)]
struct Kek {
    tenant_id: Uuid,
    sealed: Vec<u8>,
}

/// Whether the master key is one whose check value the store has. On PostgreSQL it stays so until the transaction ends.
pub(crate) async fn is_in_use<L: WriteLine>(line: &L, master: &MasterKeyId) -> Result<bool, Fault> {
    locked(line, master, "FOR KEY SHARE").await
}

async fn locked<L: WriteLine>(line: &L, master: &MasterKeyId, lock: &str) -> Result<bool, Fault> {
    // SQLite has one writer, and this is it.
    let on_postgres = line.db().get_database_backend() == DbBackend::Postgres;
    let sql = if on_postgres { format!("{IN_USE} {lock}") } else { IN_USE.to_owned() };
    let found = line.db().query_one_raw(statement(line, &sql, [master.as_str().into()])).await.map_err(fault)?;
    Ok(found.is_some())
}

fn statement<L: Line>(line: &L, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(line.db().get_database_backend(), sql, values)
}

async fn execute<L: WriteLine>(line: &L, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, Fault> {
    let done = line.db().execute_raw(statement(line, sql, values)).await.map_err(fault)?;
    Ok(done.rows_affected())
}

#[async_trait]
impl<L: Line> RewrapReads for PlatformRows<L> {
    async fn find(&self) -> Result<Option<Rewrap>, Fault> {
        let found = Row::find_by_statement(statement(self.line(), FIND, [])).one(&self.line().db()).await;
        found.map_err(fault)?.map(Row::thing).transpose()
    }

    async fn counts(&self) -> Result<Vec<SealedCount>, Fault> {
        let rows = Count::find_by_statement(statement(self.line(), COUNTS, [])).all(&self.line().db()).await;
        let count = |row: Count| {
            let master_key = Reading::platform("tenant_keks", &row.master_key).parse("master_key", &row.master_key)?;
            let [tenants, failed] = [row.tenants, row.failed].map(i64::unsigned_abs);
            Ok(SealedCount { master_key, tenants, failed })
        };
        rows.map_err(fault)?.into_iter().map(count).collect()
    }

    async fn sealed_under(&self, master: &MasterKeyId, limit: u32) -> Result<Vec<(TenantId, SealedKek)>, Fault> {
        let values = [master.as_str().into(), i64::from(limit).into()];
        let rows = Kek::find_by_statement(statement(self.line(), SEALED_UNDER, values)).all(&self.line().db()).await;
        let kek = |row: Kek| {
            (TenantId::from_uuid(row.tenant_id), SealedKek { master_key: master.clone(), sealed: row.sealed })
        };
        Ok(rows.map_err(fault)?.into_iter().map(kek).collect())
    }
}

#[async_trait]
impl<L: WriteLine> Rewraps for PlatformRows<L> {
    async fn put(&self, rewrap: &Rewrap) -> Result<(), WriteError> {
        let key = match &rewrap.started_by {
            Principal::ApiKey(id) => id.uuid(),
            Principal::Certificate(_) | Principal::User(_) | Principal::Client(_) => Uuid::nil(),
        };
        let values: [Value; 7] = [
            rewrap.target.as_str().into(),
            rewrap.state().label().into(),
            key.into(),
            rewrap.started_at.millis().into(),
            rewrap.updated_at.millis().into(),
            rewrap.version.number().into(),
            rewrap.started_by.to_string().into(),
        ];
        if execute(self.line(), PUT, values).await? == 1 { Ok(()) } else { Err(WriteError::Stale) }
    }

    async fn forget_failures(&self) -> Result<(), Fault> {
        execute(self.line(), FORGET_FAILURES, []).await.map(drop)
    }

    async fn take_turn(&self, target: &MasterKeyId, now: Timestamp) -> Result<bool, Fault> {
        let values: [Value; 2] = [target.as_str().into(), now.millis().into()];
        Ok(execute(self.line(), TAKE_TURN, values).await? == 1)
    }

    async fn replace(&self, tenant: TenantId, from: &SealedKek, to: &SealedKek) -> Result<bool, Fault> {
        let values: [Value; 5] = [
            tenant.uuid().into(),
            from.master_key.as_str().into(),
            from.sealed.clone().into(),
            to.master_key.as_str().into(),
            to.sealed.clone().into(),
        ];
        Ok(execute(self.line(), REPLACE, values).await? == 1)
    }

    async fn note_failure(&self, tenant: TenantId, kek: &SealedKek, now: Timestamp) -> Result<bool, Fault> {
        let values: [Value; 4] =
            [tenant.uuid().into(), kek.master_key.as_str().into(), kek.sealed.clone().into(), now.millis().into()];
        Ok(execute(self.line(), NOTE_FAILURE, values).await? == 1)
    }

    async fn release(&self, master: &MasterKeyId) -> Result<bool, Fault> {
        if !locked(self.line(), master, "FOR UPDATE").await? {
            return Ok(false);
        }
        // A statement of its own, so that it sees what was committed while the lock was waited for.
        let seals = statement(self.line(), SEALS_ANY, [master.as_str().into()]);
        if self.line().db().query_one_raw(seals).await.map_err(fault)?.is_some() {
            return Ok(false);
        }
        Ok(execute(self.line(), RELEASE, [master.as_str().into()]).await? == 1)
    }
}

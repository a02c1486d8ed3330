//! What was signed of chains, and with which keys. Nothing of it ever goes.

use async_trait::async_trait;
use chancery_domain::{
    audit_chain::{AuditCheckpoint, AuditKey},
    change::Noun,
    fault::{Fault, WriteError},
    id::TenantId,
    ports::audit::Audits,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value, prelude::Uuid};

use super::{bytes, chain, seal};
use crate::{
    fault::fault,
    line::{Line, WriteLine},
    platform::PlatformRows,
    row::{Reading, time},
};

const FROM: &str = "SELECT position, hash, at, key_id, signature FROM audit_checkpoints
     WHERE chain = $1 AND position >= $2 ORDER BY position LIMIT $3";

const INSERT: &str = "INSERT INTO audit_checkpoints (chain, position, hash, at, key_id, signature)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

const SIGNED: &str = "UPDATE audit_heads SET checkpoint_position = $2, checkpoint_at = $3
     WHERE chain = $1 AND checkpoint_position < $2";

const KEYS: &str = "SELECT id, public, master_key, sealed, created_at FROM audit_keys ORDER BY created_at, id";

const INSERT_KEY: &str = "INSERT INTO audit_keys (id, public, master_key, sealed, created_at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

#[derive(FromQueryResult)]
struct Row {
    position: i64,
    hash: Vec<u8>,
    at: i64,
    key_id: String,
    signature: Vec<u8>,
}

impl Row {
    fn thing(self, id: Uuid) -> Result<AuditCheckpoint, Fault> {
        let row = Reading::row("audit_checkpoints", id, &self.position);
        Ok(AuditCheckpoint {
            tenant: chain::tenant(id),
            position: u64::try_from(self.position).map_err(|_| row.wrong("position"))?,
            hash: chain::hash(&row, "hash", &self.hash)?,
            at: time(self.at),
            key: row.parse("key_id", &self.key_id)?,
            signature: self.signature,
        })
    }
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: String,
    public: Vec<u8>,
    master_key: String,
    sealed: Vec<u8>,
    created_at: i64,
}

impl KeyRow {
    fn thing(self) -> Result<AuditKey, Fault> {
        let row = Reading::platform("audit_keys", &self.id);
        Ok(AuditKey {
            id: row.parse("id", &self.id)?,
            public: self.public.try_into().map_err(|_| row.wrong("public"))?,
            master_key: row.parse("master_key", &self.master_key)?,
            sealed: self.sealed,
            created_at: time(self.created_at),
        })
    }
}

/// Checkpoints of a chain from that place on.
pub(super) async fn from<L: Line>(
    rows: &PlatformRows<L>,
    tenant: Option<TenantId>,
    position: u64,
    limit: u32,
) -> Result<Vec<AuditCheckpoint>, Fault> {
    let id = chain::id(tenant);
    let values = [id.into(), chain::number(position)?.into(), i64::from(limit).into()];
    let found: Vec<Row> = rows.found(FROM, values).await?;
    found.into_iter().map(|row| row.thing(id)).collect()
}

/// Every key, oldest first.
pub(super) async fn keys<L: Line>(rows: &PlatformRows<L>) -> Result<Vec<AuditKey>, Fault> {
    let found: Vec<KeyRow> = rows.found(KEYS, []).await?;
    found.into_iter().map(KeyRow::thing).collect()
}

impl<L: WriteLine> PlatformRows<L> {
    async fn put(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, Fault> {
        let db = self.line().db();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        Ok(db.execute_raw(statement).await.map_err(fault)?.rows_affected())
    }
}

#[async_trait]
impl<L: WriteLine> Audits for PlatformRows<L> {
    async fn seal(&self, limit: u32, now: Timestamp) -> Result<u32, Fault> {
        seal::seal(&self.line().db(), limit, now).await
    }

    async fn insert_checkpoint(&self, checkpoint: &AuditCheckpoint) -> Result<(), WriteError> {
        let (id, position) = (chain::id(checkpoint.tenant), chain::number(checkpoint.position)?);
        let at = checkpoint.at.millis();
        let values: [Value; 6] = [
            id.into(),
            position.into(),
            bytes(&checkpoint.hash),
            at.into(),
            checkpoint.key.as_str().into(),
            checkpoint.signature.clone().into(),
        ];
        if self.put(INSERT, values).await? == 0 {
            return Err(WriteError::Taken(Noun::AuditCheckpoint));
        }
        self.put(SIGNED, [id.into(), position.into(), at.into()]).await?;
        Ok(())
    }

    async fn insert_key(&self, key: &AuditKey) -> Result<(), WriteError> {
        let values: [Value; 5] = [
            key.id.as_str().into(),
            key.public.to_vec().into(),
            key.master_key.as_str().into(),
            key.sealed.clone().into(),
            key.created_at.millis().into(),
        ];
        if self.put(INSERT_KEY, values).await? == 1 { Ok(()) } else { Err(WriteError::Taken(Noun::AuditKey)) }
    }
}

//! The memory of what is good once: whoever inserts a row was the first to use it.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::replay_memory::{ReplayMemory, ReplayMemoryReads},
    time::Timestamp,
    used_once::{Novelty, UsedOnce, UsedOnceKind},
};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    rows::{Rows, unguarded},
};

/// The statements of one table.
struct Memory {
    is_used: &'static str,
    count_a_part: &'static str,
    remember: &'static str,
}

macro_rules! memory {
    ($table:literal) => {
        Memory {
            is_used: concat!("SELECT 1 FROM ", $table, " WHERE tenant_id = $1 AND client_uid = $2 AND digest = $3"),
            count_a_part: concat!(
                "SELECT COUNT(*) AS counted FROM (SELECT 1 FROM ",
                $table,
                " WHERE tenant_id = $1 AND client_uid = $2 AND digest BETWEEN $3 AND $4 AND expires_at > $5 LIMIT $6) AS part"
            ),
            remember: concat!(
                "INSERT INTO ",
                $table,
                " (tenant_id, client_uid, digest, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
            ),
        }
    };
}

const ASSERTIONS: Memory = memory!("used_assertions");
const PROOFS: Memory = memory!("used_proofs");

impl Memory {
    const fn of(kind: UsedOnceKind) -> &'static Self {
        match kind {
            UsedOnceKind::Assertion => &ASSERTIONS,
            UsedOnceKind::Proof => &PROOFS,
        }
    }
}

impl<L: Line> Rows<L> {
    /// A statement about the rows of its client.
    fn about<const N: usize>(&self, sql: &str, it: &UsedOnce, values: [Value; N]) -> Statement {
        self.statement(sql, std::iter::once(it.client.uuid().into()).chain(values))
    }
}

#[async_trait]
impl<L: Line> ReplayMemoryReads for Rows<L> {
    async fn is_used(&self, it: &UsedOnce) -> Result<bool, Fault> {
        let statement = self.about(Memory::of(it.kind).is_used, it, [it.digest.bytes().to_vec().into()]);
        self.line().db().query_one_raw(statement).await.map(|row| row.is_some()).map_err(fault)
    }
}

#[async_trait]
impl<L: WriteLine> ReplayMemory for Rows<L> {
    async fn spend(&self, it: &UsedOnce, now: Timestamp) -> Result<Novelty, Fault> {
        let memory = Memory::of(it.kind);
        let (least, greatest) = it.digest.part();
        let most = i64::from(it.kind.most_in_a_part());
        let part = [least.to_vec().into(), greatest.to_vec().into(), now.millis().into(), most.into()];
        let counted = self.line().db().query_one_raw(self.about(memory.count_a_part, it, part)).await.map_err(fault)?;
        let counted: i64 = counted.map_or(Ok(0), |row| row.try_get("", "counted")).map_err(fault)?;
        if counted >= most {
            return Ok(Novelty::TooMany);
        }
        let row = [it.digest.bytes().to_vec().into(), it.expires_at.millis().into()];
        let first = self.execute(self.about(memory.remember, it, row)).await.map_err(unguarded)? == 1;
        Ok(if first { Novelty::New } else { Novelty::Used })
    }
}

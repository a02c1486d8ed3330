//! Heads: how far each chain has come. Whoever links to a chain holds its head until the transaction ends; several are
//! taken in the order of their ids, and nothing else is waited for afterwards, so nobody waits in a circle.

use std::collections::BTreeMap;

use chancery_audit::{canonical, genesis, link_all};
use chancery_domain::{
    audit::AuditEvent,
    audit_chain::{AuditHash, AuditHead},
    fault::Fault,
    id::TenantId,
};
use sea_orm::{ConnectionTrait, DatabaseExecutor, FromQueryResult, Statement, prelude::Uuid};

use super::{bytes, unwritten, write_sealed};
use crate::row::Reading;

const TAKE: &str = "INSERT INTO audit_heads (chain, position, hash, checkpoint_position, checkpoint_at)
     VALUES ($1, 0, $2, 0, 0) ON CONFLICT (chain) DO UPDATE SET chain = excluded.chain RETURNING position, hash";

const MOVE: &str = "UPDATE audit_heads SET position = $2, hash = $3 WHERE chain = $1";

#[derive(FromQueryResult)]
pub(super) struct Row {
    position: i64,
    hash: Vec<u8>,
}

impl Row {
    pub(super) fn head(self, chain: Uuid) -> Result<AuditHead, Fault> {
        let row = Reading::platform("audit_heads", &chain);
        let position = u64::try_from(self.position).map_err(|_| row.wrong("position"))?;
        Ok(AuditHead { position, hash: hash(&row, "hash", &self.hash)? })
    }
}

/// The column of a chain's id.
pub(super) fn id(tenant: Option<TenantId>) -> Uuid {
    tenant.map_or(Uuid::nil(), TenantId::uuid)
}

/// The chain of that id.
pub(super) fn tenant(id: Uuid) -> Option<TenantId> {
    (!id.is_nil()).then(|| TenantId::from_uuid(id))
}

/// A place, as its column holds it.
pub(super) fn number(position: u64) -> Result<i64, Fault> {
    i64::try_from(position).map_err(|error| Fault::broken("a place in an audit chain", error))
}

/// A hash from its column.
pub(super) fn hash(row: &Reading, column: &'static str, bytes: &[u8]) -> Result<AuditHash, Fault> {
    bytes.try_into().map(AuditHash::from_bytes).map_err(|_| row.wrong(column))
}

/// Links events to their chains.
pub(crate) async fn link(db: &DatabaseExecutor<'_>, events: &[AuditEvent]) -> Result<(), Fault> {
    let mut chains: BTreeMap<Uuid, Vec<&AuditEvent>> = BTreeMap::new();
    for event in events {
        chains.entry(id(event.tenant)).or_default().push(event);
    }
    for (chain, events) in chains {
        let tenant = tenant(chain);
        let mut head = take(db, tenant).await?;
        let sealed = link_all(&mut head, events.iter().map(|event| canonical(event)));
        write_sealed(db, tenant, events.into_iter().zip(sealed)).await?;
        advance(db, tenant, &head).await?;
    }
    Ok(())
}

/// Takes a head until the transaction ends.
pub(super) async fn take(db: &DatabaseExecutor<'_>, tenant: Option<TenantId>) -> Result<AuditHead, Fault> {
    let values = [id(tenant).into(), bytes(&genesis(tenant))];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), TAKE, values);
    let row = Row::find_by_statement(statement).one(db).await.map_err(unwritten)?;
    row.ok_or_else(|| Fault::bug("the head of an audit chain is not told"))?.head(id(tenant))
}

/// Moves a head that was taken.
pub(super) async fn advance(
    db: &DatabaseExecutor<'_>,
    tenant: Option<TenantId>,
    head: &AuditHead,
) -> Result<(), Fault> {
    let values = [id(tenant).into(), number(head.position)?.into(), bytes(&head.hash)];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), MOVE, values);
    let moved = db.execute_raw(statement).await.map_err(unwritten)?.rows_affected();
    if moved == 1 { Ok(()) } else { Err(Fault::bug("the head of an audit chain is gone")) }
}

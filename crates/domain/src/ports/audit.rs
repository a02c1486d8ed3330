//! The store of the audit: chains, what waits to be linked to them, and what was signed.
//!
//! Events are written with `audit` of a transaction and with `audit_later`; those of operators and of the server itself
//! are linked to their chains in the same transaction, those of people and clients wait for [`Audits::seal`].

use async_trait::async_trait;

use crate::{
    audit_chain::{AuditCheckpoint, AuditEventField, AuditHead, AuditKey, SealedEvent},
    fault::{Fault, WriteError},
    id::TenantId,
    page::Page,
    query::Query,
    time::Timestamp,
};

/// Which events of a chain to read. All that it asks for must hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditQuery {
    /// Those behind this place.
    pub after: u64,
    /// Those up to this place.
    pub until: Option<u64>,
    /// Those that happened at that time or later.
    pub since: Option<Timestamp>,
    /// Those that happened before that time.
    pub before: Option<Timestamp>,
    /// How many at most.
    pub limit: u32,
}

/// How linking goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealing {
    /// When the oldest event happened that waits to be linked.
    pub waiting_since: Option<Timestamp>,
    /// When events were last linked that had waited.
    pub sealed_at: Option<Timestamp>,
}

/// Reads of the audit. A chain is named by its tenant, and that of the platform by none.
#[async_trait]
pub trait AuditReads: Send + Sync {
    /// How far a chain has come; none when nothing is linked to it.
    async fn head(&self, tenant: Option<TenantId>) -> Result<Option<AuditHead>, Fault>;
    /// Events of a chain, in order.
    async fn events(&self, tenant: Option<TenantId>, query: AuditQuery) -> Result<Vec<SealedEvent>, Fault>;
    /// A page of the events of a chain; their own position is their place. What is compared are columns beside the text
    /// that the chain vouches for.
    async fn list(
        &self,
        tenant: Option<TenantId>,
        between: (Option<Timestamp>, Option<Timestamp>),
        query: Query<AuditEventField>,
    ) -> Result<Page<SealedEvent>, Fault>;
    /// Checkpoints of a chain at that place or behind it, in order, at most `limit`.
    async fn checkpoints(&self, tenant: Option<TenantId>, from: u64, limit: u32)
    -> Result<Vec<AuditCheckpoint>, Fault>;
    /// Chains that have come further than their last checkpoint: by `most` events or more, or so that this checkpoint is
    /// from `before` or earlier.
    async fn unsigned(&self, most: u64, before: Timestamp, limit: u32) -> Result<Vec<Option<TenantId>>, Fault>;
    /// How linking goes.
    async fn sealing(&self) -> Result<Sealing, Fault>;
    /// The keys that have signed checkpoints, oldest first.
    async fn keys(&self) -> Result<Vec<AuditKey>, Fault>;
}

/// Writes of the audit.
#[async_trait]
pub trait Audits: AuditReads {
    /// Links at most `limit` of the events that wait to their chains, the oldest first, and notes the time. Gives their
    /// number. Several may do so at once: each event gets one place.
    async fn seal(&self, limit: u32, now: Timestamp) -> Result<u32, Fault>;
    /// A new checkpoint. `Taken` when there is one at that place.
    async fn insert_checkpoint(&self, checkpoint: &AuditCheckpoint) -> Result<(), WriteError>;
    /// A new key.
    async fn insert_key(&self, key: &AuditKey) -> Result<(), WriteError>;
}

//! The store as re-wrapping sees it: tenants' own keys by the master key that they are sealed under.

use async_trait::async_trait;

use crate::{
    fault::{Fault, WriteError},
    id::{MasterKeyId, TenantId},
    ports::store::SealedKek,
    rewrap::Rewrap,
    time::Timestamp,
};

/// Reads of what is sealed under which master key.
#[async_trait]
pub trait RewrapReads: Send + Sync {
    /// The last re-wrap, over or not.
    async fn find(&self) -> Result<Option<Rewrap>, Fault>;
    /// How much is sealed under each master key that anything is sealed under, by its name.
    async fn counts(&self) -> Result<Vec<SealedCount>, Fault>;
    /// Tenants' keys under that master key, at most `limit`, by tenant; without those that were noted as failed.
    async fn sealed_under(&self, master: &MasterKeyId, limit: u32) -> Result<Vec<(TenantId, SealedKek)>, Fault>;
}

/// Writes of a re-wrap.
#[async_trait]
pub trait Rewraps: RewrapReads {
    /// The re-wrap in place of the last one; guarded by its version, which moves on.
    async fn put(&self, rewrap: &Rewrap) -> Result<(), WriteError>;
    /// Lets those that were noted as failed be tried again.
    async fn forget_failures(&self) -> Result<(), Fault>;
    /// Takes the one turn that there is to move keys to that target, until the transaction ends, and notes the time.
    /// `false` when no such re-wrap is running: then nothing may be moved. To be called first in its transaction.
    async fn take_turn(&self, target: &MasterKeyId, now: Timestamp) -> Result<bool, Fault>;
    /// Puts `to` in the place of `from`. `false` when `from` is not what is there any more.
    async fn replace(&self, tenant: TenantId, from: &SealedKek, to: &SealedKek) -> Result<bool, Fault>;
    /// Notes that a tenant's key does not open. `false` when it is not what is there any more.
    async fn note_failure(&self, tenant: TenantId, kek: &SealedKek, now: Timestamp) -> Result<bool, Fault>;
    /// Removes the check value of a master key that nothing is sealed under, and from then on no tenant can be made
    /// under it. `false` when something is, or when there is no such value. Whoever makes a tenant meanwhile is either
    /// counted here or refused there.
    async fn release(&self, master: &MasterKeyId) -> Result<bool, Fault>;
}

/// How much is sealed under a master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCount {
    /// The master key.
    pub master_key: MasterKeyId,
    /// Tenants whose own key is sealed under it.
    pub tenants: u64,
    /// Those of them that were noted as failed.
    pub failed: u64,
}

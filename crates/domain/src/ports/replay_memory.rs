//! The memory of what is good once, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::Fault,
    time::Timestamp,
    used_once::{Novelty, UsedOnce},
};

/// Reads of the memory. It is the same for every replica, and outlives them.
#[async_trait]
pub trait ReplayMemoryReads: Send + Sync {
    /// Whether it was used.
    async fn is_used(&self, it: &UsedOnce) -> Result<bool, Fault>;
}

/// Writes of the memory.
#[async_trait]
pub trait ReplayMemory: ReplayMemoryReads {
    /// Uses it up: the one that inserts it was first.
    async fn spend(&self, it: &UsedOnce, now: Timestamp) -> Result<Novelty, Fault>;
}

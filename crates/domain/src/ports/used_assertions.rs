//! The memory of assertions that proved their clients, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::Fault,
    time::Timestamp,
    used_assertion::{Novelty, UsedAssertion},
};

/// Writes of used assertions. It is the same memory for every replica, and outlives them.
#[async_trait]
pub trait UsedAssertions: Send + Sync {
    /// Uses it up: the one that inserts it was first.
    async fn spend(&self, assertion: &UsedAssertion, now: Timestamp) -> Result<Novelty, Fault>;
}

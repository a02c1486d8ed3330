//! The memory of DPoP proofs, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{fault::Fault, time::Timestamp, used_assertion::Novelty, used_proof::UsedProof};

/// Reads of used proofs. It is the same memory for every replica, and outlives them.
#[async_trait]
pub trait UsedProofReads: Send + Sync {
    /// Whether it was used.
    async fn is_used(&self, proof: &UsedProof) -> Result<bool, Fault>;
}

/// Writes of used proofs.
#[async_trait]
pub trait UsedProofs: UsedProofReads {
    /// Uses it up: the one that inserts it was first.
    async fn spend(&self, proof: &UsedProof, now: Timestamp) -> Result<Novelty, Fault>;
}

//! When clients were used, and which are not.

use async_trait::async_trait;

use crate::{client::ClientUse, fault::Fault, id::ClientId, time::Timestamp, version::Version};

/// What is written of the uses of clients that registered themselves.
#[async_trait]
pub trait ClientUses: Send + Sync {
    /// Writes down when these clients of this tenant were last used, unless a later use is known. Neither the client's
    /// version nor the change feed moves: what clients are has not changed.
    async fn note_clients(&self, uses: &[ClientUse]) -> Result<(), Fault>;
    /// Clients that registered themselves and were neither made nor used after `before`, with the versions that they have:
    /// at most `most`, first those that nobody used for longest.
    async fn unused_since(&self, before: Timestamp, most: u32) -> Result<Vec<(ClientId, Version)>, Fault>;
}

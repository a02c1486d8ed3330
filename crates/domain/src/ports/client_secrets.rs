//! When clients' secrets were used.

use async_trait::async_trait;

use crate::{client::SecretUse, fault::Fault};

/// What is written of the uses of secrets.
#[async_trait]
pub trait SecretUses: Send + Sync {
    /// Writes down when these secrets of this tenant were last used, unless a later use is known. Neither the client's
    /// version nor the change feed moves: what clients are has not changed.
    async fn note(&self, uses: &[SecretUse]) -> Result<(), Fault>;
}

//! The store of bootstrap tokens, of which there is one for each process that was started before anybody owned the
//! platform.

use async_trait::async_trait;

use crate::{
    bootstrap::BootstrapToken,
    fault::{Fault, WriteError},
};

/// Writes of bootstrap tokens.
#[async_trait]
pub trait BootstrapTokens: Send + Sync {
    /// Another one.
    async fn insert(&self, token: &BootstrapToken) -> Result<(), WriteError>;
    /// All of them, and they are gone: whoever takes them at the same time gets none. A transaction that is given up
    /// leaves them where they are.
    async fn take_all(&self) -> Result<Vec<BootstrapToken>, Fault>;
}

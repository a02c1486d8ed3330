//! Bootstrap tokens in memory.

use async_trait::async_trait;
use chancery_domain::{
    bootstrap::BootstrapToken,
    fault::{Fault, WriteError},
    ports::bootstrap::BootstrapTokens,
};

use super::super::Fenced;

#[async_trait]
impl BootstrapTokens for Fenced {
    async fn insert(&self, token: &BootstrapToken) -> Result<(), WriteError> {
        self.platform(|rows| rows.bootstrap_tokens.push(*token))?;
        Ok(())
    }

    async fn take_all(&self) -> Result<Vec<BootstrapToken>, Fault> {
        self.platform(|rows| std::mem::take(&mut rows.bootstrap_tokens))
    }
}

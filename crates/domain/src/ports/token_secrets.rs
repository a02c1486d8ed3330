//! The store of token secrets, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::{Fault, WriteError},
    id::TokenSecretId,
    token_secret::TokenSecret,
    version::Version,
};

/// Reads of token secrets.
#[async_trait]
pub trait TokenSecretReads: Send + Sync {
    /// All of them, oldest first: [`TokenSecret::MOST`] at most.
    async fn all(&self) -> Result<Vec<TokenSecret>, Fault>;
}

/// Writes of token secrets.
#[async_trait]
pub trait TokenSecrets: TokenSecretReads {
    /// A new one. `Stale` when there are as many as there may be, or when this one is active and another is already.
    async fn insert(&self, secret: &TokenSecret) -> Result<(), WriteError>;
    /// The state; guarded by `secret.version`. The active one steps down before another takes its place. Gives the new
    /// version.
    async fn update(&self, secret: &TokenSecret) -> Result<Version, WriteError>;
    /// Gone; guarded by the version.
    async fn delete(&self, id: TokenSecretId, version: Version) -> Result<(), WriteError>;
}

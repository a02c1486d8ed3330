//! The store of initial access tokens, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::{Fault, WriteError},
    id::InitialAccessTokenId,
    registration::InitialAccessToken,
    secret::Digest,
    time::Timestamp,
};

/// Reads of initial access tokens.
#[async_trait]
pub trait InitialAccessTokenReads: Send + Sync {
    /// All of them, oldest first: [`InitialAccessToken::MOST`] at most.
    async fn all(&self) -> Result<Vec<InitialAccessToken>, Fault>;
    /// By digest, used up and expired ones included.
    async fn find(&self, digest: &Digest) -> Result<Option<InitialAccessToken>, Fault>;
}

/// Writes of initial access tokens.
#[async_trait]
pub trait InitialAccessTokens: InitialAccessTokenReads {
    /// A new one.
    async fn insert(&self, token: &InitialAccessToken) -> Result<(), WriteError>;
    /// Uses it once: one guarded statement. `false` when it is used up, over or unknown.
    async fn spend(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault>;
    /// Gone. `false` when it was already.
    async fn delete(&self, id: InitialAccessTokenId) -> Result<bool, Fault>;
}

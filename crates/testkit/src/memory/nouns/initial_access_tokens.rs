//! Initial access tokens in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    id::InitialAccessTokenId,
    ports::initial_access_tokens::{InitialAccessTokenReads, InitialAccessTokens},
    registration::InitialAccessToken,
    secret::Digest,
    time::Timestamp,
};

use super::super::Fenced;

#[async_trait]
impl InitialAccessTokenReads for Fenced {
    async fn all(&self) -> Result<Vec<InitialAccessToken>, Fault> {
        self.nouns(|rows| {
            let mut tokens: Vec<_> = rows.initial_access_tokens.values().cloned().collect();
            tokens.sort_by_key(|token| (token.created_at, token.id));
            tokens
        })
    }

    async fn find(&self, digest: &Digest) -> Result<Option<InitialAccessToken>, Fault> {
        self.nouns(|rows| rows.initial_access_tokens.values().find(|token| token.digest == *digest).cloned())
    }
}

#[async_trait]
impl InitialAccessTokens for Fenced {
    async fn insert(&self, token: &InitialAccessToken) -> Result<(), WriteError> {
        self.nouns(|rows| rows.initial_access_tokens.insert(token.id, token.clone()))?;
        Ok(())
    }

    async fn spend(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| {
            let token = rows.initial_access_tokens.values_mut().find(|token| token.digest == *digest);
            let Some(token) = token.filter(|token| token.is_good(now)) else { return false };
            token.uses_left -= 1;
            true
        })
    }

    async fn delete(&self, id: InitialAccessTokenId) -> Result<bool, Fault> {
        self.nouns(|rows| rows.initial_access_tokens.remove(&id).is_some())
    }
}

//! Token secrets in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    id::TokenSecretId,
    ports::token_secrets::{TokenSecretReads, TokenSecrets},
    token_secret::TokenSecret,
    version::Version,
};

use super::{super::Fenced, guarded};

#[async_trait]
impl TokenSecretReads for Fenced {
    async fn all(&self) -> Result<Vec<TokenSecret>, Fault> {
        self.nouns(|rows| {
            let mut secrets: Vec<_> = rows.token_secrets.values().cloned().collect();
            secrets.sort_by_key(|secret| (secret.created_at, secret.id));
            secrets
        })
    }
}

#[async_trait]
impl TokenSecrets for Fenced {
    async fn insert(&self, secret: &TokenSecret) -> Result<(), WriteError> {
        self.nouns(|rows| {
            let full = rows.token_secrets.len() >= TokenSecret::MOST;
            let second = secret.is_active() && rows.token_secrets.values().any(TokenSecret::is_active);
            if full || second {
                return Err(WriteError::Stale);
            }
            rows.token_secrets.insert(secret.id, secret.clone());
            Ok(())
        })?
    }

    async fn update(&self, secret: &TokenSecret) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let there = rows.token_secrets.get(&secret.id).map(|there| there.version);
            let version = guarded(there, secret.version)?;
            rows.token_secrets.insert(secret.id, secret.clone().stored_as(secret.state(), version));
            Ok(version)
        })?
    }

    async fn delete(&self, id: TokenSecretId, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            guarded(rows.token_secrets.get(&id).map(|there| there.version), version)?;
            rows.token_secrets.remove(&id);
            Ok(())
        })?
    }
}

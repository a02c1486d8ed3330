//! Encryption keys in memory.

use async_trait::async_trait;
use chancery_domain::{
    encryption_key::EncryptionKey,
    fault::{Fault, WriteError},
    id::{KeyId, TenantId},
    ports::encryption_keys::{EncryptionKeyReads, EncryptionKeys},
    time::Timestamp,
    version::Version,
};

use super::{
    super::{Fenced, locked},
    guarded,
};

impl Fenced {
    /// The tenants with a key that is due, the longest waiting first.
    pub(in crate::memory) fn tenants_with_due_encryption_keys(&self, now: Timestamp, limit: u32) -> Vec<TenantId> {
        let rows = locked(&self.rows);
        let first = |keys: &super::Nouns| keys.encryption_keys.values().map(EncryptionKey::due_at).min();
        let mut due: Vec<_> = rows.nouns.iter().filter_map(|(id, nouns)| Some((first(nouns)?, *id))).collect();
        due.retain(|(at, _)| *at <= now);
        due.sort_unstable();
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        due.into_iter().map(|(_, id)| id).collect()
    }
}

#[async_trait]
impl EncryptionKeyReads for Fenced {
    async fn all(&self) -> Result<Vec<EncryptionKey>, Fault> {
        self.nouns(|rows| {
            let mut keys: Vec<_> = rows.encryption_keys.values().cloned().collect();
            keys.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
            keys
        })
    }
}

#[async_trait]
impl EncryptionKeys for Fenced {
    async fn insert(&self, key: &EncryptionKey) -> Result<(), WriteError> {
        self.nouns(|rows| {
            let second = |it: &EncryptionKey| key.is_published() && it.is_published() && it.kind == key.kind;
            if rows.encryption_keys.values().any(second) {
                return Err(WriteError::Stale);
            }
            rows.encryption_keys.insert(key.id.clone(), key.clone());
            Ok(())
        })?
    }

    async fn update(&self, key: &EncryptionKey) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let there = rows.encryption_keys.get(&key.id).map(|there| there.version);
            let version = guarded(there, key.version)?;
            rows.encryption_keys.insert(key.id.clone(), key.clone().stored_as(key.state(), version));
            Ok(version)
        })?
    }

    async fn delete(&self, id: &KeyId, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            guarded(rows.encryption_keys.get(id).map(|there| there.version), version)?;
            rows.encryption_keys.remove(id);
            Ok(())
        })?
    }
}

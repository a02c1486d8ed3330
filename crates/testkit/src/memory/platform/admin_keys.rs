//! API keys in memory.

use async_trait::async_trait;
use chancery_domain::{
    admin_key::{AdminKey, AdminKeyField, AdminReach},
    fault::{Fault, WriteError},
    id::AdminKeyId,
    page::Page,
    ports::platform::{AdminKeyReads, AdminKeys},
    query::Query,
    secret::Digest,
    time::Timestamp,
};

use super::super::Fenced;

#[async_trait]
impl AdminKeyReads for Fenced {
    async fn find_by_digest(&self, digest: &Digest) -> Result<Option<AdminKey>, Fault> {
        self.platform(|rows| rows.admin_keys.values().find(|key| key.digest == *digest).cloned())
    }

    async fn find(&self, id: AdminKeyId) -> Result<Option<AdminKey>, Fault> {
        self.platform(|rows| rows.admin_keys.get(&id).cloned())
    }

    async fn list(&self, reach: AdminReach, query: Query<AdminKeyField>) -> Result<Page<AdminKey>, Fault> {
        self.platform(|rows| {
            let keys = rows.admin_keys.values().filter(|key| key.reach == reach);
            query.of(keys.cloned(), AdminKey::field, |key| key.id.to_string())
        })
    }
}

#[async_trait]
impl AdminKeys for Fenced {
    async fn insert(&self, key: &AdminKey) -> Result<(), WriteError> {
        self.platform(|rows| rows.admin_keys.insert(key.id, key.clone()))?;
        Ok(())
    }

    async fn count(&self, reach: AdminReach, now: Timestamp) -> Result<u64, Fault> {
        self.platform(|rows| {
            let live = rows.admin_keys.values().filter(|key| key.reach == reach && key.is_live(now));
            live.count() as u64
        })
    }

    async fn delete(&self, id: AdminKeyId) -> Result<bool, Fault> {
        self.platform(|rows| rows.admin_keys.remove(&id).is_some())
    }
}

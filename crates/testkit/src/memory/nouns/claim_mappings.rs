//! Claim mappings in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    claim_mapping::ClaimMapping,
    fault::{Fault, WriteError},
    id::ClaimMappingSlug,
    ports::claim_mappings::{ClaimMappingReads, ClaimMappings},
    time::Timestamp,
    version::Version,
};

use super::{super::Fenced, Nouns, guarded};

#[async_trait]
impl ClaimMappingReads for Fenced {
    async fn find(&self, slug: &ClaimMappingSlug) -> Result<Option<ClaimMapping>, Fault> {
        self.nouns(|rows| rows.claim_mappings.get(slug).cloned())
    }

    async fn all(&self) -> Result<Vec<ClaimMapping>, Fault> {
        self.nouns(|rows| rows.claim_mappings.values().cloned().collect())
    }
}

#[async_trait]
impl ClaimMappings for Fenced {
    async fn insert(&self, mapping: &ClaimMapping) -> Result<(), WriteError> {
        self.nouns(|rows| {
            if rows.claim_mappings.contains_key(&mapping.slug) {
                return Err(WriteError::Taken(Noun::ClaimMapping));
            }
            check_client(rows, mapping)?;
            rows.claim_mappings.insert(mapping.slug.clone(), mapping.clone());
            Ok(())
        })?
    }

    async fn update(&self, mapping: &ClaimMapping, now: Timestamp) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let version = guarded(rows.claim_mappings.get(&mapping.slug).map(|there| there.version), mapping.version)?;
            check_client(rows, mapping)?;
            let row = ClaimMapping { version, updated_at: now, ..mapping.clone() };
            rows.claim_mappings.insert(mapping.slug.clone(), row);
            Ok(version)
        })?
    }

    async fn delete(&self, slug: &ClaimMappingSlug, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            guarded(rows.claim_mappings.get(slug).map(|there| there.version), version)?;
            rows.claim_mappings.remove(slug);
            Ok(())
        })?
    }
}

/// The client that it is for is there.
fn check_client(rows: &Nouns, mapping: &ClaimMapping) -> Result<(), WriteError> {
    let there = mapping.client.as_ref().is_none_or(|client| rows.clients.contains_key(&client.uid));
    if there { Ok(()) } else { Err(WriteError::Stale) }
}

//! The store of claim mappings, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    claim_mapping::ClaimMapping,
    fault::{Fault, WriteError},
    id::ClaimMappingSlug,
    time::Timestamp,
    version::Version,
};

/// Reads of claim mappings.
#[async_trait]
pub trait ClaimMappingReads: Send + Sync {
    /// By resource name.
    async fn find(&self, slug: &ClaimMappingSlug) -> Result<Option<ClaimMapping>, Fault>;
    /// All of them, ordered by name; a tenant has at most [`ClaimMapping::MOST`].
    async fn all(&self) -> Result<Vec<ClaimMapping>, Fault>;
}

/// Writes of claim mappings. A mapping goes with the client that it is for.
#[async_trait]
pub trait ClaimMappings: ClaimMappingReads {
    /// A new mapping; `Taken` when the slug is, `Stale` when its client is gone.
    async fn insert(&self, mapping: &ClaimMapping) -> Result<(), WriteError>;
    /// Everything but the slug; guarded by `mapping.version`. Gives the new version.
    async fn update(&self, mapping: &ClaimMapping, now: Timestamp) -> Result<Version, WriteError>;
    /// Gone; guarded by the version.
    async fn delete(&self, slug: &ClaimMappingSlug, version: Version) -> Result<(), WriteError>;
}

//! The store of resources, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::{Fault, WriteError},
    id::ResourceSlug,
    resource::Resource,
    time::Timestamp,
    version::Version,
};

/// Reads of resources.
#[async_trait]
pub trait ResourceReads: Send + Sync {
    /// By resource name.
    async fn find(&self, slug: &ResourceSlug) -> Result<Option<Resource>, Fault>;
    /// All of them, ordered by name; a tenant has at most [`Resource::MOST`].
    async fn all(&self) -> Result<Vec<Resource>, Fault>;
}

/// Writes of resources. A scope that does not exist, or that belongs to another resource, makes them `Stale`.
#[async_trait]
pub trait Resources: ResourceReads {
    /// A new resource; `Taken` when slug or identifier is.
    async fn insert(&self, resource: &Resource) -> Result<(), WriteError>;
    /// Everything but slug and identifier; guarded by `resource.version`. Gives the new version.
    async fn update(&self, resource: &Resource, now: Timestamp) -> Result<Version, WriteError>;
    /// Gone, and its scopes belong to nobody; guarded by the version.
    async fn delete(&self, slug: &ResourceSlug, version: Version) -> Result<(), WriteError>;
}

//! Resources in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::ResourceSlug,
    ports::resources::{ResourceReads, Resources},
    resource::Resource,
    time::Timestamp,
    version::Version,
};

use super::{super::Fenced, Nouns, guarded};

#[async_trait]
impl ResourceReads for Fenced {
    async fn find(&self, slug: &ResourceSlug) -> Result<Option<Resource>, Fault> {
        self.nouns(|rows| rows.resources.get(slug).cloned())
    }

    async fn all(&self) -> Result<Vec<Resource>, Fault> {
        self.nouns(|rows| rows.resources.values().cloned().collect())
    }
}

#[async_trait]
impl Resources for Fenced {
    async fn insert(&self, resource: &Resource) -> Result<(), WriteError> {
        self.nouns(|rows| {
            let clashes = |there: &Resource| there.slug == resource.slug || there.identifier == resource.identifier;
            if rows.resources.values().any(clashes) {
                return Err(WriteError::Taken(Noun::Resource));
            }
            check_scopes(rows, resource)?;
            rows.resources.insert(resource.slug.clone(), resource.clone());
            Ok(())
        })?
    }

    async fn update(&self, resource: &Resource, now: Timestamp) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let version = guarded(rows.resources.get(&resource.slug).map(|there| there.version), resource.version)?;
            check_scopes(rows, resource)?;
            let row = Resource { version, updated_at: now, ..resource.clone() };
            rows.resources.insert(resource.slug.clone(), row);
            Ok(version)
        })?
    }

    async fn delete(&self, slug: &ResourceSlug, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            guarded(rows.resources.get(slug).map(|there| there.version), version)?;
            rows.resources.remove(slug);
            Ok(())
        })?
    }
}

/// Each scope exists and belongs to nobody else.
fn check_scopes(rows: &Nouns, resource: &Resource) -> Result<(), WriteError> {
    let exists = |value: &str| rows.scopes.values().any(|scope| scope.value.as_str() == value);
    let mut others = rows.resources.values().filter(|there| there.slug != resource.slug);
    let shared = others.any(|there| there.scopes.meets(&resource.scopes));
    if shared || !resource.scopes.iter().all(|scope| exists(scope.as_str())) { Err(WriteError::Stale) } else { Ok(()) }
}

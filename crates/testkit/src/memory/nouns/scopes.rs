//! Scopes in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::ScopeSlug,
    ports::store::{ScopeReads, Scopes},
    scope::Scope,
    time::Timestamp,
    version::Version,
};

use super::{super::Fenced, guarded};

#[async_trait]
impl ScopeReads for Fenced {
    async fn find(&self, slug: &ScopeSlug) -> Result<Option<Scope>, Fault> {
        self.nouns(|rows| rows.scopes.get(slug).cloned())
    }

    async fn all(&self) -> Result<Vec<Scope>, Fault> {
        self.nouns(|rows| rows.scopes.values().cloned().collect())
    }
}

#[async_trait]
impl Scopes for Fenced {
    async fn insert(&self, scope: &Scope) -> Result<(), WriteError> {
        self.nouns(|rows| {
            if rows.scopes.values().any(|there| there.slug == scope.slug || there.value == scope.value) {
                return Err(WriteError::Taken(Noun::Scope));
            }
            rows.scopes.insert(scope.slug.clone(), scope.clone());
            Ok(())
        })?
    }

    async fn update(&self, scope: &Scope, now: Timestamp) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let version = guarded(rows.scopes.get(&scope.slug).map(|there| there.version), scope.version)?;
            rows.scopes.insert(scope.slug.clone(), Scope { version, updated_at: now, ..scope.clone() });
            Ok(version)
        })?
    }

    async fn delete(&self, slug: &ScopeSlug, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            guarded(rows.scopes.get(slug).map(|there| there.version), version)?;
            let value = rows.scopes.get(slug).map(|scope| scope.value.to_string()).unwrap_or_default();
            if rows.resources.values().any(|resource| resource.scopes.contains(&value)) {
                return Err(WriteError::Stale);
            }
            rows.scopes.remove(slug);
            Ok(())
        })?
    }
}

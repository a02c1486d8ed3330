//! Trusted issuers in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::TrustedIssuerSlug,
    ports::trusted_issuers::{TrustedIssuerReads, TrustedIssuers},
    secret::Digest,
    time::Timestamp,
    trusted_issuer::TrustedIssuer,
    version::Version,
};

use super::{super::Fenced, guarded};

#[async_trait]
impl TrustedIssuerReads for Fenced {
    async fn find(&self, slug: &TrustedIssuerSlug) -> Result<Option<TrustedIssuer>, Fault> {
        self.nouns(|rows| rows.trusted_issuers.get(slug).cloned())
    }

    async fn find_by_issuer(&self, issuer: &str) -> Result<Option<TrustedIssuer>, Fault> {
        self.nouns(|rows| rows.trusted_issuers.values().find(|it| it.issuer.as_str() == issuer).cloned())
    }

    async fn all(&self) -> Result<Vec<TrustedIssuer>, Fault> {
        self.nouns(|rows| rows.trusted_issuers.values().cloned().collect())
    }
}

#[async_trait]
impl TrustedIssuers for Fenced {
    async fn insert(&self, issuer: &TrustedIssuer) -> Result<(), WriteError> {
        self.nouns(|rows| {
            let clashes = |there: &TrustedIssuer| there.slug == issuer.slug || there.issuer == issuer.issuer;
            if rows.trusted_issuers.values().any(clashes) {
                return Err(WriteError::Taken(Noun::TrustedIssuer));
            }
            rows.trusted_issuers.insert(issuer.slug.clone(), issuer.clone());
            Ok(())
        })?
    }

    async fn update(&self, issuer: &TrustedIssuer, now: Timestamp) -> Result<Version, WriteError> {
        self.nouns(|rows| {
            let there = rows.trusted_issuers.get(&issuer.slug).map(|there| there.version);
            let version = guarded(there, issuer.version)?;
            let row = TrustedIssuer { version, updated_at: now, ..issuer.clone() };
            rows.trusted_issuers.insert(issuer.slug.clone(), row);
            Ok(version)
        })?
    }

    async fn delete(&self, slug: &TrustedIssuerSlug, version: Version) -> Result<(), WriteError> {
        self.nouns(|rows| {
            guarded(rows.trusted_issuers.get(slug).map(|there| there.version), version)?;
            rows.trusted_issuers.remove(slug);
            rows.trusted_assertions.retain(|(of, _)| of != slug);
            Ok(())
        })?
    }

    async fn spend(&self, slug: &TrustedIssuerSlug, assertion: &Digest, _until: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| rows.trusted_assertions.insert((slug.clone(), *assertion.bytes())))
    }
}

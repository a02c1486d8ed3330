//! The store of trusted issuers, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::{Fault, WriteError},
    id::TrustedIssuerSlug,
    secret::Digest,
    time::Timestamp,
    trusted_issuer::TrustedIssuer,
    version::Version,
};

/// Reads of trusted issuers.
#[async_trait]
pub trait TrustedIssuerReads: Send + Sync {
    /// By resource name.
    async fn find(&self, slug: &TrustedIssuerSlug) -> Result<Option<TrustedIssuer>, Fault>;
    /// By what its assertions say in `iss`.
    async fn find_by_issuer(&self, issuer: &str) -> Result<Option<TrustedIssuer>, Fault>;
    /// All of them, ordered by name; a tenant has at most [`TrustedIssuer::MOST`].
    async fn all(&self) -> Result<Vec<TrustedIssuer>, Fault>;
}

/// Writes of trusted issuers.
#[async_trait]
pub trait TrustedIssuers: TrustedIssuerReads {
    /// A new one; `Taken` when slug or issuer is.
    async fn insert(&self, issuer: &TrustedIssuer) -> Result<(), WriteError>;
    /// Everything but slug and issuer; guarded by `issuer.version`. Gives the new version.
    async fn update(&self, issuer: &TrustedIssuer, now: Timestamp) -> Result<Version, WriteError>;
    /// Gone, with the memory of what it asserted; guarded by the version.
    async fn delete(&self, slug: &TrustedIssuerSlug, version: Version) -> Result<(), WriteError>;
    /// Uses an assertion up, which is named by a digest. `false` when it was used before.
    async fn spend(&self, slug: &TrustedIssuerSlug, assertion: &Digest, until: Timestamp) -> Result<bool, Fault>;
}

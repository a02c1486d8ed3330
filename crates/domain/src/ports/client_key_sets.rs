//! The keys of clients and of trusted issuers, wherever they keep them.

use std::sync::Arc;

use async_trait::async_trait;

use super::{client_jose::ClientKeySet, outbound::OutboundError};
use crate::{
    client::Client,
    fault::Malformed,
    id::TenantId,
    trusted_issuer::{NotDiscovered, TrustedIssuer},
};

/// Finds the keys that a client verifies itself with, and that it reads by.
#[async_trait]
pub trait ClientKeySets: Send + Sync {
    /// The keys of that client of that tenant: those that it registered, or those at its `jwks_uri`, fetched when the last
    /// ones are no longer fresh. While their source fails, the last good ones serve on for a bounded time.
    async fn of(&self, tenant: TenantId, client: &Client) -> Result<Arc<dyn ClientKeySet>, NoClientKeys>;

    /// The same after a `kid` that was not among them ([`Untrusted::UnknownKey`](super::jose::Untrusted::UnknownKey)):
    /// fetched again, unless that place was asked within the last minute. Keys that were registered stay what they are.
    async fn refresh_for_unknown_kid(
        &self,
        tenant: TenantId,
        client: &Client,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys>;

    /// The keys of a trusted issuer of that tenant, by the same rules. Where only its name is known, its metadata are part
    /// of the source, read before each fetch.
    async fn of_issuer(&self, tenant: TenantId, issuer: &TrustedIssuer) -> Result<Arc<dyn ClientKeySet>, NoClientKeys>;

    /// The same after a `kid` that was not among them.
    async fn refresh_issuer_for_unknown_kid(
        &self,
        tenant: TenantId,
        issuer: &TrustedIssuer,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys>;
}

/// Why there are no keys of a client. It is the client's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoClientKeys {
    /// It has registered none.
    #[error("the client has registered no keys")]
    NotRegistered,
    /// They could not be fetched.
    #[error("the client's keys: {0}")]
    NotFetched(#[from] OutboundError),
    /// Nobody tells where they are: of a trusted issuer alone.
    #[error("{0}")]
    NotDiscovered(#[from] NotDiscovered),
    /// They are no keys.
    #[error("the client's keys: {0}")]
    Malformed(#[from] Malformed),
}

//! The keys that clients encrypt to: their store, as the rooms of one tenant see it, and what they do.

use async_trait::async_trait;

use crate::{
    client::Encryption,
    encryption_key::EncryptionKey,
    fault::{Fault, WriteError},
    id::KeyId,
    version::Version,
};

/// Reads of encryption keys.
#[async_trait]
pub trait EncryptionKeyReads: Send + Sync {
    /// All of them, oldest first.
    async fn all(&self) -> Result<Vec<EncryptionKey>, Fault>;
}

/// Writes of encryption keys.
#[async_trait]
pub trait EncryptionKeys: EncryptionKeyReads {
    /// A new one. `Stale` when this one is published and another of its kind is already.
    async fn insert(&self, key: &EncryptionKey) -> Result<(), WriteError>;
    /// The state; guarded by `key.version`. The published one leaves before another takes its place. Gives the new
    /// version.
    async fn update(&self, key: &EncryptionKey) -> Result<Version, WriteError>;
    /// Gone, and the private part with it; guarded by the version.
    async fn delete(&self, id: &KeyId, version: Version) -> Result<(), WriteError>;
}

/// Opens what clients encrypted to the tenant.
pub trait OpenEncrypted: Send + Sync {
    /// What lies in a compact JWE (RFC 7516 section 7.1) that was encrypted to one of the tenant's keys, in that way where
    /// one is given: a text that proves nothing by itself. One level is opened, and what lies in it is not looked at.
    ///
    /// Strict: at most [`LONGEST_TEXT`](super::client_jose::LONGEST_TEXT) bytes, five parts, nothing compressed, no
    /// `crit`, no repeated member. With a `kid` the key of that name is tried alone, without one the two newest that fit.
    fn open(&self, token: &str, only: Option<Encryption>) -> Result<String, Unopened>;
}

/// It does not open. Why not is told to nobody (RFC 7516 section 11.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not encrypted to this tenant")]
pub struct Unopened;

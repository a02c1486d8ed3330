//! Chains of audit events: one for each tenant and one for the platform. Each event holds the hash of the one before.
//!
//! What is hashed, and how, the audit room knows; here are the things that stores keep.

mod fields;

use std::fmt;

pub use self::fields::{AuditEventField, AuditKeyField};
use crate::{
    id::{KeyId, MasterKeyId, TenantId},
    time::Timestamp,
};

/// The hash of one event in its chain, and so of all before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHash([u8; 32]);

impl AuditHash {
    /// A hash as stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash for storing.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Base64url without padding: 43 characters.
impl fmt::Display for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::secret::base64url(&self.0))
    }
}

impl fmt::Debug for AuditHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditHash({self})")
    }
}

/// An event in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEvent {
    /// The place in its chain, from 1, without gaps.
    pub position: u64,
    /// The hash of the event before, or what the chain begins with.
    pub previous: AuditHash,
    /// The hash of this one.
    pub hash: AuditHash,
    /// The canonical text that was hashed.
    pub text: String,
}

/// How far a chain has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// The place of the last event.
    pub position: u64,
    /// Its hash.
    pub hash: AuditHash,
}

/// How far a chain had come at a time, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCheckpoint {
    /// The tenant whose chain it is, or none for the platform's.
    pub tenant: Option<TenantId>,
    /// The place of the last event then.
    pub position: u64,
    /// Its hash.
    pub hash: AuditHash,
    /// When it was signed.
    pub at: Timestamp,
    /// The key that signed it.
    pub key: KeyId,
    /// The signature: Ed25519 (RFC 8032), 64 bytes.
    pub signature: Vec<u8>,
}

/// A key that signs checkpoints, of the whole deployment. It signs nothing else, and no row of it ever goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditKey {
    /// Its name in checkpoints.
    pub id: KeyId,
    /// The public key: Ed25519 (RFC 8032), 32 bytes.
    pub public: [u8; 32],
    /// The master key that the private part is sealed under.
    pub master_key: MasterKeyId,
    /// The sealed private part.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

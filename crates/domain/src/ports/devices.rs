//! The wishes of devices (RFC 8628).

use async_trait::async_trait;

use crate::{
    device::{Approval, DeviceAuthorization},
    fault::{Fault, WriteError},
    secret::Digest,
    time::Timestamp,
};

/// Reads of devices' wishes.
#[async_trait]
pub trait DeviceReads: Send + Sync {
    /// By the digest of its device code, in whatever state, expired ones included.
    async fn find(&self, digest: &Digest) -> Result<Option<DeviceAuthorization>, Fault>;
    /// By the digest of its user code, likewise.
    async fn find_by_user_code(&self, user_code: &Digest) -> Result<Option<DeviceAuthorization>, Fault>;
    /// How many wait for a decision at that time.
    async fn waiting(&self, now: Timestamp) -> Result<u64, Fault>;
}

/// Writes of devices' wishes. Every move is one guarded statement; `false` when somebody else was first, or it is too late.
#[async_trait]
pub trait Devices: DeviceReads {
    /// A new wish; `Taken` when another has that user code.
    async fn insert(&self, wish: &DeviceAuthorization) -> Result<(), WriteError>;
    /// The device asks how it stands. `false` when it asked too early, and then it has to wait longer from now on (RFC 8628
    /// section 3.5).
    async fn ask(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault>;
    /// Somebody allows it.
    async fn approve(&self, digest: &Digest, approval: &Approval, now: Timestamp) -> Result<bool, Fault>;
    /// Somebody refuses it.
    async fn deny(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault>;
    /// The device takes what was allowed.
    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault>;
}

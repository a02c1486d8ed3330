//! The store of pushed authorization requests, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::{Fault, WriteError},
    id::ClientUid,
    pushed_request::PushedRequest,
    secret::Digest,
    time::Timestamp,
};

/// Reads of pushed requests.
#[async_trait]
pub trait PushedRequestReads: Send + Sync {
    /// By the digest of its reference, used and expired ones included.
    async fn find(&self, digest: &Digest) -> Result<Option<PushedRequest>, Fault>;
}

/// Writes of pushed requests. They are not in the change feed, because no view depends on one.
#[async_trait]
pub trait PushedRequests: PushedRequestReads {
    /// How many of a client's wait for a browser; counted no further than `most`.
    async fn waiting(&self, client: ClientUid, now: Timestamp, most: u32) -> Result<u32, Fault>;
    /// A new one.
    async fn insert(&self, request: &PushedRequest) -> Result<(), WriteError>;
    /// An authorization is completed with it: one guarded statement, which also remembers one that expired since it was
    /// begun with and is gone. `false` when that had happened before.
    async fn use_up(&self, digest: &Digest, client: ClientUid, now: Timestamp) -> Result<bool, Fault>;
}

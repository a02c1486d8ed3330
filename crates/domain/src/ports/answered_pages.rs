//! The memory of pages whose form may be answered once, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{fault::Fault, secret::Digest, time::Timestamp};

/// A page that is being answered.
#[derive(Clone, Copy, Debug)]
pub struct AnsweredPage {
    /// Which it is.
    pub digest: Digest,
    /// When nobody takes its form any more, so that it may be forgotten.
    pub until: Timestamp,
}

/// Writes of answered pages. It is the same memory for every replica, and outlives them.
#[async_trait]
pub trait AnsweredPages: Send + Sync {
    /// Takes the answer: the one that inserts it was first. `false` when there was one before, and then nothing was written.
    async fn answer(&self, page: &AnsweredPage) -> Result<bool, Fault>;
}

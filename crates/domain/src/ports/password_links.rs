//! The store of password links, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::{Fault, WriteError},
    id::UserId,
    password_link::PasswordLink,
    secret::Digest,
    time::Timestamp,
};

/// Reads of password links.
#[async_trait]
pub trait PasswordLinkReads: Send + Sync {
    /// By digest, expired ones included. One that was used or replaced is not there any more.
    async fn find(&self, digest: &Digest) -> Result<Option<PasswordLink>, Fault>;
}

/// Writes of password links. They are not in the change feed, because no view depends on one.
#[async_trait]
pub trait PasswordLinks: PasswordLinkReads {
    /// The user's link from now on, in place of the one before.
    async fn put(&self, link: &PasswordLink) -> Result<(), WriteError>;
    /// Uses it up: one guarded statement. `false` when somebody else has, or it is too old.
    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault>;
    /// Whatever link the user has leads nowhere any more.
    async fn withdraw(&self, user: UserId) -> Result<(), Fault>;
}

//! The first owner: a token that the server leaves in a file when it starts and nobody owns the platform yet.

use std::time::Duration;

use crate::{secret::Digest, time::Timestamp};

/// A bootstrap token as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BootstrapToken {
    /// Its digest.
    pub digest: Digest,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl BootstrapToken {
    /// How long one works.
    pub const LIFE: Duration = Duration::from_secs(3600);

    /// Whether it still works.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

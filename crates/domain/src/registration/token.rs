//! What lets somebody register a client where not everybody may.

use std::time::Duration;

use crate::{id::InitialAccessTokenId, secret::Digest, time::Timestamp};

/// An initial access token as stored (RFC 7591 section 1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// Which it is.
    pub id: InitialAccessTokenId,
    /// Digest of the text.
    pub digest: Digest,
    /// Its last four characters.
    pub hint: String,
    /// What it is for.
    pub display_name: String,
    /// How many clients it can still register.
    pub uses_left: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is over.
    pub expires_at: Timestamp,
}

impl InitialAccessToken {
    /// So many a tenant has at most, used up and expired ones included until they are deleted or purged.
    pub const MOST: usize = 100;

    /// So often one can be used at most.
    pub const MOST_USES: u32 = 10_000;

    /// So long one lives at most.
    pub const LONGEST_LIFE: Duration = Duration::from_secs(90 * 86_400);

    /// So long one lives where nobody says it.
    pub const USUAL_LIFE: Duration = Duration::from_secs(86_400);

    /// Whether it can register a client now.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.uses_left > 0 && now < self.expires_at
    }
}

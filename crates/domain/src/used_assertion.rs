//! An assertion that proved its client (RFC 7523 section 3): it is good once.

use crate::{id::ClientUid, secret::Digest, time::Timestamp};

/// What is remembered of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedAssertion {
    /// Whose it was.
    pub client: ClientUid,
    /// Digest of its `jti`.
    pub digest: Digest,
    /// When it expires by itself, so that nobody needs to remember it.
    pub expires_at: Timestamp,
}

/// Whether an assertion is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// It was never used before, and now is.
    New,
    /// It was used before.
    Used,
    /// Its client used so many lately that no more are remembered, and what is not remembered is not taken.
    TooMany,
}

impl UsedAssertion {
    /// Of one client's assertions that have not expired, about 256 times as many are remembered: as many as in any one of
    /// the 256 parts that the first byte of the digest makes. To count one part tells enough, and costs little.
    pub const MOST_IN_A_PART: u32 = 400;

    /// The remembered assertion of that client.
    #[must_use]
    pub fn of(client: ClientUid, jti: &str, expires_at: Timestamp) -> Self {
        Self { client, digest: Digest::of("client-assertion", jti.as_bytes()), expires_at }
    }
}

//! A DPoP proof that was used (RFC 9449 section 11.1): it is good once.

use crate::{confirmation::Thumbprint, id::ClientUid, secret::Digest, time::Timestamp};

/// What is remembered of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedProof {
    /// The client that came with it.
    pub client: ClientUid,
    /// Digest of its key and its `jti`.
    pub digest: Digest,
    /// When nobody takes it for a fresh one any more, so that nobody needs to remember it.
    pub expires_at: Timestamp,
}

impl UsedProof {
    /// Of one client's proofs that are fresh, about 256 times as many are remembered: as many as in any one of the 256 parts
    /// that the first byte of the digest makes. To count one part tells enough, and costs little.
    pub const MOST_IN_A_PART: u32 = 1000;

    /// The remembered proof by a key, of that client.
    #[must_use]
    pub fn of(client: ClientUid, key: &Thumbprint, jti: &str, expires_at: Timestamp) -> Self {
        let text = [key.bytes().as_slice(), jti.as_bytes()].concat();
        Self { client, digest: Digest::of("dpop-proof", &text), expires_at }
    }
}

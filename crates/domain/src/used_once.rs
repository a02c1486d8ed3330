//! What a client presents and what is good once: an assertion that proves it (RFC 7523 section 3), a DPoP proof (RFC 9449
//! section 11.1).

use crate::{confirmation::Thumbprint, id::ClientUid, secret::Digest, time::Timestamp};

/// What is remembered of something that was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedOnce {
    /// What it was.
    pub kind: UsedOnceKind,
    /// The client that came with it.
    pub client: ClientUid,
    /// Digest of what makes it one of its kind.
    pub digest: Digest,
    /// When it is no good by itself any more, so that nobody needs to remember it.
    pub expires_at: Timestamp,
}

/// The kinds of such things; each has a memory of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UsedOnceKind {
    /// An assertion that proves its client.
    Assertion,
    /// A proof that a key is at hand.
    Proof,
}

/// Whether something is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// It was never used before, and now is.
    New,
    /// It was used before.
    Used,
    /// Its client used so many lately that no more are remembered, and what is not remembered is not taken.
    TooMany,
}

impl UsedOnce {
    /// An assertion of that client.
    #[must_use]
    pub fn assertion(client: ClientUid, jti: &str, expires_at: Timestamp) -> Self {
        let digest = Digest::of("client-assertion", jti.as_bytes());
        Self { kind: UsedOnceKind::Assertion, client, digest, expires_at }
    }

    /// A proof by a key, of that client.
    #[must_use]
    pub fn proof(client: ClientUid, key: &Thumbprint, jti: &str, expires_at: Timestamp) -> Self {
        let digest = Digest::of("dpop-proof", &[key.bytes().as_slice(), jti.as_bytes()].concat());
        Self { kind: UsedOnceKind::Proof, client, digest, expires_at }
    }
}

impl UsedOnceKind {
    /// Of what one client used and what would still be good, about 256 times as many are remembered: as many as in any one
    /// of the 256 parts that the first byte of the digest makes. To count one part tells enough, and costs little.
    #[must_use]
    pub const fn most_in_a_part(self) -> u32 {
        match self {
            Self::Assertion => 400,
            Self::Proof => 1000,
        }
    }
}

//! What a client has to choose anew for each authorization request, and by which one that does not is found out (RFC 9700
//! section 2.1.1).

use std::time::Duration;

use crate::{id::SessionId, secret::Digest};

/// What it chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FreshKind {
    /// The PKCE challenge (RFC 7636 section 4.2).
    Challenge,
    /// The `nonce` (OpenID Connect Core section 15.5.2).
    Nonce,
}

impl FreshKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Challenge, Self::Nonce];

    /// The name in storage.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::Nonce => "nonce",
        }
    }

    /// The stable code by which the audit tells of one that is not fresh.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Challenge => "constant_challenge",
            Self::Nonce => "constant_nonce",
        }
    }
}

/// What is remembered of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreshValue {
    /// What it is.
    pub kind: FreshKind,
    /// Digest of its text.
    pub digest: Digest,
}

impl FreshValue {
    /// How long it is remembered. A client that uses one again later is not found out.
    pub const REMEMBERED: Duration = Duration::from_secs(86_400);

    /// How many of each kind are remembered of a client: each has a place that its digest names, and whatever comes there
    /// next takes it. So a flood of requests has its bound without being counted, and a constant value, which is there
    /// again with each request, is found out all the same.
    pub const PLACES: u16 = 4096;

    /// For how long a client's constant values of one kind are not told of again.
    pub const QUIET: Duration = Duration::from_secs(3600);

    /// What is remembered of that text.
    #[must_use]
    pub fn of(kind: FreshKind, text: &str) -> Self {
        Self { kind, digest: Digest::of(kind.label(), text.as_bytes()) }
    }

    /// Its place among those of its client and kind.
    #[must_use]
    pub fn place(&self) -> u16 {
        let [first, second, ..] = *self.digest.bytes();
        u16::from_be_bytes([first, second]) % Self::PLACES
    }
}

/// A value that was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reuse {
    /// What it is.
    pub kind: FreshKind,
    /// In which other session the client first used it.
    pub session: SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_and_a_challenge_of_the_same_text_are_two_values() {
        let [challenge, nonce] = FreshKind::ALL.map(|kind| FreshValue::of(kind, "text"));
        assert_ne!(challenge.digest, nonce.digest);
        assert_eq!(challenge, FreshValue::of(FreshKind::Challenge, "text"));
        assert!((0..1000).all(|n| FreshValue::of(FreshKind::Nonce, &n.to_string()).place() < FreshValue::PLACES));
    }
}

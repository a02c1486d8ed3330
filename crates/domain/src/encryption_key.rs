//! A key that clients encrypt request objects to (RFC 9101 section 6.2).
//!
//! Its life runs the other way round than that of a signing key: it leaves the JWK Set first, when the next one takes its
//! place there, and goes on opening what arrives until everybody who still had it in a cache has long seen the new one.
//! Then its row goes, and the private part with it.

use std::time::Duration;

use crate::{
    fault::IllegalMove, id::KeyId, key::SealedPrivateKey, time::Timestamp, version::Version, vocabulary::KeyManagement,
};

mod fields;

pub use fields::EncryptionKeyField;

/// What kind of key it is. A tenant has one published key of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EncryptionKind {
    /// RSA of 2048 bits, for `RSA-OAEP-256`.
    Rsa,
    /// On the curve P-256, for the family of `ECDH-ES`.
    P256,
}

impl EncryptionKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Rsa, Self::P256];

    /// The name in storage.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::P256 => "P-256",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label() == label)
    }

    /// The kind that opens what was encrypted so.
    #[must_use]
    pub const fn opening(alg: KeyManagement) -> Self {
        match alg {
            KeyManagement::RsaOaep256 => Self::Rsa,
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => Self::P256,
        }
    }

    /// What clients may encrypt with to a key of this kind.
    #[must_use]
    pub fn algorithms(self) -> Vec<KeyManagement> {
        KeyManagement::ALL.iter().copied().filter(|alg| Self::opening(*alg) == self).collect()
    }
}

/// Where it is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptionKeyState {
    /// In the JWK Set: clients encrypt to it.
    Published {
        /// When the next one takes its place.
        replace_at: Timestamp,
    },
    /// Out of the JWK Set, and opening what clients encrypted before they saw the next one.
    Withdrawn {
        /// Since when it is out of the set.
        withdrawn_at: Timestamp,
        /// When it is destroyed.
        destroy_at: Timestamp,
    },
}

impl EncryptionKeyState {
    /// The names of all states.
    pub const LABELS: [&'static str; 2] = ["published", "withdrawn"];

    /// The name of the state.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Published { .. } => "published",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// An encryption key as stored. One that is destroyed has no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionKey {
    /// The `kid`.
    pub id: KeyId,
    /// What kind it is.
    pub kind: EncryptionKind,
    /// The public part: a JWK (RFC 7517) as JSON text, with `kid` and `use`.
    pub public_jwk: String,
    /// A seal over the public row, so that nobody with a pen for the database alone can have requests encrypted to them.
    pub public_seal: Vec<u8>,
    /// The private part, sealed.
    pub private: SealedPrivateKey,
    /// Where it is in its life; moves by methods only.
    state: EncryptionKeyState,
    /// Guards every move.
    pub version: Version,
    /// When it was made, and published.
    pub created_at: Timestamp,
}

impl EncryptionKey {
    /// At most this many of a kind that are withdrawn are kept. The oldest goes before its time.
    pub const MOST_WITHDRAWN: usize = 8;
    /// A key whose successor is further away goes on opening for no longer than this.
    const LONGEST_REST: Duration = Duration::from_secs(90 * 86_400);

    /// A new key, published at once: clients look for one when they need it, and have never seen another.
    #[must_use]
    pub fn published(
        id: KeyId,
        kind: EncryptionKind,
        (public_jwk, public_seal): (String, Vec<u8>),
        private: SealedPrivateKey,
        now: Timestamp,
        replace_at: Timestamp,
    ) -> Self {
        let state = EncryptionKeyState::Published { replace_at };
        Self { id, kind, public_jwk, public_seal, private, state, version: Version::FIRST, created_at: now }
    }

    /// The key as its row tells.
    #[must_use]
    pub fn stored_as(self, state: EncryptionKeyState, version: Version) -> Self {
        Self { state, version, ..self }
    }

    /// Where it is in its life.
    #[must_use]
    pub const fn state(&self) -> EncryptionKeyState {
        self.state
    }

    /// Whether it stands in the JWK Set.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        matches!(self.state, EncryptionKeyState::Published { .. })
    }

    /// When there is something to do with it.
    #[must_use]
    pub const fn due_at(&self) -> Timestamp {
        match self.state {
            EncryptionKeyState::Published { replace_at } => replace_at,
            EncryptionKeyState::Withdrawn { destroy_at, .. } => destroy_at,
        }
    }

    /// Leaves the JWK Set. It goes on opening for as long as it was to be published, and for `least` in any case, within
    /// which everybody who has the set in a cache reads it again.
    pub fn withdraw(self, now: Timestamp, least: Duration) -> Result<Self, IllegalMove> {
        match self.state {
            EncryptionKeyState::Published { replace_at } => {
                let rest = replace_at.since(self.created_at).min(Self::LONGEST_REST).max(least);
                let state = EncryptionKeyState::Withdrawn { withdrawn_at: now, destroy_at: now + rest };
                Ok(Self { state, ..self })
            }
            EncryptionKeyState::Withdrawn { .. } => Err(IllegalMove { from: "withdrawn", to: "withdrawn" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn key(replace_at: Timestamp) -> EncryptionKey {
        let (id, jwk) = ("k1".parse().expect("an id"), (String::new(), Vec::new()));
        let now = Timestamp::from_seconds(0);
        EncryptionKey::published(id, EncryptionKind::Rsa, jwk, SealedPrivateKey(Vec::new()), now, replace_at)
    }

    #[test]
    fn a_key_that_is_withdrawn_opens_for_one_more_period() {
        let at = |days: u32| Timestamp::from_seconds(0) + DAY * days;
        for (period, withdrawn, destroyed) in [(30, 30, 60), (30, 3, 33), (1, 1, 3), (4_000, 5, 95)] {
            let key = key(at(period)).withdraw(at(withdrawn), DAY * 2).expect("withdraws");
            assert_eq!(key.due_at(), at(destroyed), "{period} {withdrawn}");
            assert!(key.withdraw(at(withdrawn), DAY).is_err(), "once");
        }
    }

    #[test]
    fn each_algorithm_is_opened_by_one_kind() {
        let names = |kind: EncryptionKind| kind.algorithms().iter().map(|alg| alg.as_str()).collect::<Vec<_>>();
        assert_eq!(names(EncryptionKind::Rsa), ["RSA-OAEP-256"]);
        assert_eq!(names(EncryptionKind::P256), ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]);
        assert_eq!(EncryptionKind::from_label("P-256"), Some(EncryptionKind::P256));
    }
}

//! A signing key and the states of its life.

use serde::{Deserialize, Serialize};

use crate::{id::KeyId, key_policy::KeyPolicy, time::Timestamp, version::Version, vocabulary::Algorithm};

mod fields;
mod moves;
mod promise;
#[cfg(test)]
mod tests;

pub use fields::KeyField;
pub use promise::Promise;

/// Where a key stands in its life. Times are those of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    /// Made, and known to nobody.
    Generated,
    /// Published and not signing yet.
    Standby {
        /// Since when verifiers can know it.
        announced_at: Timestamp,
    },
    /// Signing.
    Active {
        /// Since when verifiers can know it.
        announced_at: Timestamp,
        /// Since when it signs.
        activated_at: Timestamp,
    },
    /// Published for the tokens that it signed, and signing no more.
    Retiring {
        /// Since when it does not sign.
        deactivated_at: Timestamp,
        /// When the last of what it signed has expired everywhere, and it leaves the JWK Set.
        retire_at: Timestamp,
    },
    /// Out of the JWK Set; proves old logout hints and nothing else.
    Retired {
        /// Since when it does not sign.
        deactivated_at: Timestamp,
    },
    /// Proves nothing; the row stays so that the id is never used again.
    Purged,
    /// Suspected: published for the tokens that it signed, its private part gone.
    Tainted {
        /// Since when it does not sign.
        deactivated_at: Timestamp,
        /// When the last of what it signed has expired everywhere, and it leaves the JWK Set.
        retire_at: Timestamp,
    },
    /// Known to others: believed by nobody, at once.
    Compromised {
        /// Since when it is not believed.
        at: Timestamp,
    },
}

impl KeyState {
    /// The names of all states.
    pub const LABELS: [&'static str; 8] =
        ["generated", "standby", "active", "retiring", "retired", "purged", "tainted", "compromised"];

    /// The name of the state.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Standby { .. } => "standby",
            Self::Active { .. } => "active",
            Self::Retiring { .. } => "retiring",
            Self::Retired { .. } => "retired",
            Self::Purged => "purged",
            Self::Tainted { .. } => "tainted",
            Self::Compromised { .. } => "compromised",
        }
    }

    /// Whether it stands in the JWK Set, and our own endpoints believe it.
    #[must_use]
    pub const fn is_published(&self) -> bool {
        match self {
            Self::Standby { .. } | Self::Active { .. } | Self::Retiring { .. } | Self::Tainted { .. } => true,
            Self::Generated | Self::Retired { .. } | Self::Purged | Self::Compromised { .. } => false,
        }
    }

    /// Whether it proves a logout hint: published, or retired in honour.
    #[must_use]
    pub const fn proves_hints(&self) -> bool {
        match self {
            Self::Standby { .. }
            | Self::Active { .. }
            | Self::Retiring { .. }
            | Self::Retired { .. }
            | Self::Tainted { .. } => true,
            Self::Generated | Self::Purged | Self::Compromised { .. } => false,
        }
    }

    /// Since when it does not sign, where that is so.
    #[must_use]
    pub const fn deactivated_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Retiring { deactivated_at, .. }
            | Self::Retired { deactivated_at }
            | Self::Tainted { deactivated_at, .. } => Some(deactivated_at),
            Self::Compromised { at } => Some(at),
            Self::Generated | Self::Standby { .. } | Self::Active { .. } | Self::Purged => None,
        }
    }

    /// When it is to leave the JWK Set, where it waits for that.
    #[must_use]
    pub const fn retire_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Retiring { retire_at, .. } | Self::Tainted { retire_at, .. } => Some(retire_at),
            Self::Generated
            | Self::Standby { .. }
            | Self::Active { .. }
            | Self::Retired { .. }
            | Self::Purged
            | Self::Compromised { .. } => None,
        }
    }
}

/// A key as stored.
#[derive(Clone, Debug)]
pub struct Key {
    /// The `kid`.
    pub id: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The public part: a JWK (RFC 7517) as JSON text, with `kid`, `alg` and `use`.
    pub public_jwk: String,
    /// The thumbprint of the public part (RFC 7638), by which a tenant never has one key twice. Keys of before it was
    /// kept have none.
    pub thumbprint: Option<String>,
    /// A seal over the public row, so that nobody with a pen for the database alone can publish a key.
    pub public_seal: Vec<u8>,
    /// The private part, sealed; gone once it is not needed, and never there where the key only verifies.
    pub private: Option<SealedPrivateKey>,
    /// Whether we made it or an operator brought it.
    pub origin: Origin,
    /// How long what it signs may live.
    pub promise: Promise,
    state: KeyState,
    /// When verifiers could first know it; kept when the state moves on.
    announced_at: Option<Timestamp>,
    /// When it first signed; kept when the state moves on.
    activated_at: Option<Timestamp>,
    /// When it left the JWK Set.
    retired_at: Option<Timestamp>,
    /// Whether the moment from which its time counts is known to lie behind the commit; see [`Self::settle`].
    settled: bool,
    /// Guards every move.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made here.
    Made,
    /// Brought by an operator.
    Imported,
}

impl Origin {
    /// The name in storage.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Imported => "imported",
        }
    }
}

/// A private key as stored: it opens under its tenant's key and in its own row only.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPrivateKey(pub Vec<u8>);

impl std::fmt::Debug for SealedPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedPrivateKey(..)")
    }
}

/// The public face of a key: what its row shows to everybody, and the seal over it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are those of `Key`")]
pub struct PublicKey {
    pub id: KeyId,
    pub algorithm: Algorithm,
    pub jwk: String,
    pub thumbprint: Option<String>,
    pub seal: Vec<u8>,
}

/// Where a key stands and how it came there, for reading one from a row.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields are those of `Key`")]
pub struct Standing {
    pub state: KeyState,
    pub announced_at: Option<Timestamp>,
    pub activated_at: Option<Timestamp>,
    pub retired_at: Option<Timestamp>,
    pub settled: bool,
    pub version: Version,
}

impl Key {
    /// A key that nobody knows yet. Without a private part it can only ever verify.
    #[must_use]
    pub fn generated(public: PublicKey, private: Option<SealedPrivateKey>, origin: Origin, now: Timestamp) -> Self {
        let PublicKey { id, algorithm, jwk, thumbprint, seal } = public;
        Self {
            id,
            algorithm,
            public_jwk: jwk,
            thumbprint,
            public_seal: seal,
            private,
            origin,
            promise: Promise::NONE,
            state: KeyState::Generated,
            announced_at: None,
            activated_at: None,
            retired_at: None,
            settled: true,
            version: Version::FIRST,
            created_at: now,
        }
    }

    /// The key as its row tells.
    #[must_use]
    pub fn standing(self, standing: Standing) -> Self {
        let Standing { state, announced_at, activated_at, retired_at, settled, version } = standing;
        Self { state, announced_at, activated_at, retired_at, settled, version, ..self }
    }

    /// The key as it is once this version of it is written.
    #[must_use]
    pub fn written(self) -> Self {
        Self { version: self.version.next(), ..self }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> KeyState {
        self.state
    }

    /// When verifiers could first know it, if they ever could.
    #[must_use]
    pub const fn announced_at(&self) -> Option<Timestamp> {
        self.announced_at
    }

    /// When it first signed, if it ever did.
    #[must_use]
    pub const fn activated_at(&self) -> Option<Timestamp> {
        self.activated_at
    }

    /// When it left the JWK Set, if it has.
    #[must_use]
    pub const fn retired_at(&self) -> Option<Timestamp> {
        self.retired_at
    }

    /// Whether the moment from which its time counts is known to lie behind the commit.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether it signs.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, KeyState::Active { .. })
    }

    /// Whether it is announced and waits.
    #[must_use]
    pub const fn is_standby(&self) -> bool {
        matches!(self.state, KeyState::Standby { .. })
    }

    /// From when a standby key may sign without any verifier missing it.
    #[must_use]
    pub fn earliest_activation(&self, policy: &KeyPolicy) -> Option<Timestamp> {
        self.announced_at.filter(|_| self.is_standby()).map(|known| known + policy.announce_of(self.algorithm))
    }
}

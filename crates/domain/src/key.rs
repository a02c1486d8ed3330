//! A signing key and the states of its life.

use serde::{Deserialize, Serialize};

use crate::{
    fault::IllegalMove, id::KeyId, key_policy::KeyPolicy, time::Timestamp, version::Version, vocabulary::Algorithm,
};

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

    /// Since when verifiers can know it, while that matters.
    #[must_use]
    pub const fn announced_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Standby { announced_at } | Self::Active { announced_at, .. } => Some(announced_at),
            Self::Generated
            | Self::Retiring { .. }
            | Self::Retired { .. }
            | Self::Purged
            | Self::Tainted { .. }
            | Self::Compromised { .. } => None,
        }
    }

    /// Since when it signs, while it does.
    #[must_use]
    pub const fn activated_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Active { activated_at, .. } => Some(activated_at),
            Self::Generated
            | Self::Standby { .. }
            | Self::Retiring { .. }
            | Self::Retired { .. }
            | Self::Purged
            | Self::Tainted { .. }
            | Self::Compromised { .. } => None,
        }
    }

    /// Since when it does not sign, where that is so.
    #[must_use]
    pub const fn deactivated_at(&self) -> Option<Timestamp> {
        match *self {
            Self::Retiring { deactivated_at } | Self::Retired { deactivated_at } | Self::Tainted { deactivated_at } => {
                Some(deactivated_at)
            }
            Self::Compromised { at } => Some(at),
            Self::Generated | Self::Standby { .. } | Self::Active { .. } | Self::Purged => None,
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
    /// A seal over the public row, so that nobody with a pen for the database alone can publish a key.
    pub public_seal: Vec<u8>,
    /// The private part, sealed; gone once it is not needed.
    pub private: Option<SealedPrivateKey>,
    state: KeyState,
    /// Guards every move.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A private key as stored: it opens under its tenant's key and in its own row only.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPrivateKey(pub Vec<u8>);

impl std::fmt::Debug for SealedPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedPrivateKey(..)")
    }
}

impl Key {
    /// A new key that nobody knows yet.
    #[must_use]
    pub const fn generated(
        id: KeyId,
        algorithm: Algorithm,
        public_jwk: String,
        public_seal: Vec<u8>,
        private: SealedPrivateKey,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            algorithm,
            public_jwk,
            public_seal,
            private: Some(private),
            state: KeyState::Generated,
            version: Version::FIRST,
            created_at: now,
        }
    }

    /// The key in the state that its row tells.
    #[must_use]
    pub fn stored_as(self, state: KeyState, version: Version) -> Self {
        Self { state, version, ..self }
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> KeyState {
        self.state
    }

    /// Publishes it.
    pub fn announce(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Generated => Ok(self.moved(KeyState::Standby { announced_at: now })),
            KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("standby")),
        }
    }

    /// Puts it to work.
    pub fn activate(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Standby { announced_at } => Ok(self.moved(KeyState::Active { announced_at, activated_at: now })),
            KeyState::Generated
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("active")),
        }
    }

    /// Stops it from signing; it stays published.
    pub fn deactivate(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Active { .. } => Ok(self.moved(KeyState::Retiring { deactivated_at: now })),
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("retiring")),
        }
    }

    /// Destroys the private part of a key that signs no more.
    pub fn destroy_private(self) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Retiring { .. } => {
                let state = self.state;
                Ok(Self { private: None, ..self.moved(state) })
            }
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("without its private part")),
        }
    }

    /// Takes it out of the JWK Set, and its private part with it.
    pub fn retire(self) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Retiring { deactivated_at } | KeyState::Tainted { deactivated_at } => {
                Ok(Self { private: None, ..self.moved(KeyState::Retired { deactivated_at }) })
            }
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Compromised { .. } => Err(self.illegal("retired")),
        }
    }

    /// Forgets what it proved.
    pub fn purge(self) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Retired { .. } => Ok(self.moved(KeyState::Purged)),
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("purged")),
        }
    }

    /// From when a standby key may sign without any verifier missing it.
    #[must_use]
    pub fn earliest_activation(&self, policy: &KeyPolicy) -> Option<Timestamp> {
        match self.state {
            KeyState::Standby { announced_at } => Some(announced_at + policy.announce),
            KeyState::Generated
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => None,
        }
    }

    fn moved(self, state: KeyState) -> Self {
        Self { state, ..self }
    }

    const fn illegal(&self, to: &'static str) -> IllegalMove {
        IllegalMove { from: self.state.label(), to }
    }
}

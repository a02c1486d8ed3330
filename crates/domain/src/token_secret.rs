//! A token secret: what a tenant shares with resource servers that verify HMAC access tokens.
//!
//! At most two live at a time. The first is active at once; a second waits, so that every resource server learns it
//! before it signs. Activating it retires the other, which stays believed until somebody deletes it.

mod fields;

pub use self::fields::TokenSecretField;
use crate::{fault::IllegalMove, id::TokenSecretId, secret::SealedSecret, time::Timestamp, version::Version};

/// A token secret as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSecret {
    /// Which it is: the `kid` of what it signs.
    pub id: TokenSecretId,
    /// The text, sealed for [`TokenSecret::context`].
    pub sealed: SealedSecret,
    /// Its last four characters.
    pub hint: String,
    /// Where it is in its life; moves by methods only.
    state: TokenSecretState,
    /// Counts the writes.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where a token secret is in its life. In each of them what it signed is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSecretState {
    /// It has not signed yet.
    Waiting,
    /// It signs.
    Active {
        /// Since when.
        activated_at: Timestamp,
    },
    /// Another one signs in its place.
    Retired {
        /// Since when.
        retired_at: Timestamp,
    },
}

impl TokenSecretState {
    /// The name of the state.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active { .. } => "active",
            Self::Retired { .. } => "retired",
        }
    }
}

impl TokenSecret {
    /// At most this many at a time.
    pub const MOST: usize = 2;

    /// A new secret beside those that the tenant has: active at once where none of them is, else waiting.
    #[must_use]
    pub fn new(id: TokenSecretId, sealed: SealedSecret, hint: String, beside: &[Self], now: Timestamp) -> Self {
        let state = match Self::active_of(beside) {
            Some(_) => TokenSecretState::Waiting,
            None => TokenSecretState::Active { activated_at: now },
        };
        Self { id, sealed, hint, state, version: Version::FIRST, created_at: now }
    }

    /// The secret in the state that its row tells.
    #[must_use]
    pub fn stored_as(self, state: TokenSecretState, version: Version) -> Self {
        Self { state, version, ..self }
    }

    /// What the sealed text is bound to, so that it opens in this row and nowhere else.
    #[must_use]
    pub fn context(id: TokenSecretId) -> Vec<u8> {
        id.uuid().into_bytes().to_vec()
    }

    /// The one of them that signs.
    #[must_use]
    pub fn active_of(secrets: &[Self]) -> Option<&Self> {
        secrets.iter().find(|secret| secret.is_active())
    }

    /// Where it is in its life.
    #[must_use]
    pub const fn state(&self) -> TokenSecretState {
        self.state
    }

    /// Whether it signs.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.state, TokenSecretState::Active { .. })
    }

    /// It signs from now on; the one that did must be retired in the same transaction.
    pub fn activate(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            TokenSecretState::Waiting | TokenSecretState::Retired { .. } => {
                Ok(Self { state: TokenSecretState::Active { activated_at: now }, ..self })
            }
            TokenSecretState::Active { .. } => Err(IllegalMove { from: "active", to: "active" }),
        }
    }

    /// Another one signs in its place.
    pub fn retire(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            TokenSecretState::Active { .. } => {
                Ok(Self { state: TokenSecretState::Retired { retired_at: now }, ..self })
            }
            TokenSecretState::Waiting | TokenSecretState::Retired { .. } => {
                Err(IllegalMove { from: self.state.label(), to: "retired" })
            }
        }
    }
}

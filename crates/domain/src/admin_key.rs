//! An administrator's API key: who may call the admin API, and for which tenants.

mod fields;

use std::time::Duration;

pub use self::fields::AdminKeyField;
use crate::{
    id::{AdminKeyId, TenantId},
    random::Random,
    secret::{Digest, OpaqueToken, TokenKind},
    source_range::SourceRange,
    time::Timestamp,
};

/// How far a caller reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminReach {
    /// Every tenant, and the tenants themselves.
    Platform,
    /// What lies in one tenant.
    Tenant(TenantId),
}

/// An API key as stored.
#[derive(Clone, Debug)]
pub struct AdminKey {
    /// Which key it is.
    pub id: AdminKeyId,
    /// Digest of the key.
    pub digest: Digest,
    /// Its last four characters.
    pub hint: String,
    /// What people call it.
    pub display_name: String,
    /// How far it reaches.
    pub reach: AdminReach,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// From where it is accepted; from everywhere when there is none.
    pub source_ranges: Vec<SourceRange>,
}

impl AdminKey {
    /// The longest life of a key, and the usual one: none lives on unnoticed.
    pub const LONGEST_LIFE: Duration = Duration::from_secs(90 * 86_400);
    /// The platform and every tenant have at most this many live keys.
    pub const MOST: u64 = 1000;

    /// A key that is accepted from everywhere, and its text, which is told once.
    #[must_use]
    pub fn generate(
        display_name: impl Into<String>,
        reach: AdminReach,
        life: Duration,
        random: &dyn Random,
        now: Timestamp,
    ) -> (Self, OpaqueToken) {
        let token = OpaqueToken::generate(TokenKind::AdminKey, random);
        let key = Self {
            id: AdminKeyId::generate(random, now),
            digest: token.digest(),
            hint: token.hint(),
            display_name: display_name.into(),
            reach,
            created_at: now,
            expires_at: now + life,
            source_ranges: Vec::new(),
        };
        (key, token)
    }

    /// Whether it still works.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

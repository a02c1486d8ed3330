//! A session: a browser in which a user signed in at one tenant.

mod fields;

use std::time::Duration;

pub use self::fields::SessionField;
use crate::{
    id::{SessionId, UserId},
    secret::Digest,
    tenant::TenantSettings,
    time::Timestamp,
};

/// A session as stored.
#[derive(Clone, Debug)]
pub struct Session {
    /// The `sid` of its ID tokens.
    pub id: SessionId,
    /// Digest of the cookie's value.
    pub digest: Digest,
    /// Who signed in.
    pub user: UserId,
    /// When they proved who they are: the claim `auth_time`.
    pub authenticated_at: Timestamp,
    /// How they proved it (RFC 8176).
    pub amr: Vec<String>,
    /// When it was last used; kept to the minute.
    pub last_seen_at: Timestamp,
    /// When it is over, used or not.
    pub expires_at: Timestamp,
    /// When it was ended, if it was.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// How seldom `last_seen_at` is written.
    pub const TOUCH: Duration = Duration::from_secs(60);

    /// Whether it still holds.
    #[must_use]
    pub fn is_live(&self, settings: &TenantSettings, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.over_at(settings)
    }

    /// When it is over unless it is used before, or at the latest.
    #[must_use]
    pub fn over_at(&self, settings: &TenantSettings) -> Timestamp {
        self.expires_at.min(self.last_seen_at + settings.session_idle_ttl)
    }

    /// Whether its last use should be written down again.
    #[must_use]
    pub fn wants_touch(&self, now: Timestamp) -> bool {
        now.since(self.last_seen_at) >= Self::TOUCH
    }
}

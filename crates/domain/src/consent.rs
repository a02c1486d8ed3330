//! Consent: what a user has allowed a client, remembered apart from tokens.

mod fields;

pub use self::fields::ConsentField;
use crate::{
    id::{ClientUid, UserId},
    scope::ScopeSet,
    time::Timestamp,
};

/// A consent as stored: one for each user and client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Who allowed it.
    pub user: UserId,
    /// Whom they allowed.
    pub client: ClientUid,
    /// What they allowed.
    pub scopes: ScopeSet,
    /// When they last allowed something.
    pub granted_at: Timestamp,
}

impl Consent {
    /// Whether it covers all of these.
    #[must_use]
    pub fn covers(&self, asked: &ScopeSet) -> bool {
        asked.is_within(&self.scopes)
    }
}

//! A password link: it leads one person, once, to the page where they choose their password.
//!
//! Whoever runs a tenant hands it out and never learns what was chosen behind it.

use std::time::Duration;

use crate::{
    id::UserId,
    issuer::Issuer,
    secret::{Digest, OpaqueToken},
    time::Timestamp,
};

/// A link as stored. A user has one at most: a new one takes the place of the last, and using it removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordLink {
    /// Whose password it is about.
    pub user: UserId,
    /// Digest of what stands in the link.
    pub digest: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is too old.
    pub expires_at: Timestamp,
}

impl PasswordLink {
    /// How long a link lives when nobody says otherwise.
    pub const USUAL_LIFE: Duration = Duration::from_secs(86_400);

    /// The longest that a link may live.
    pub const LONGEST_LIFE: Duration = Duration::from_secs(7 * 86_400);

    /// Where the page is, relative to the issuer.
    pub const PATH: &str = "/password";

    /// The parameter of its address that carries what makes the link.
    pub const PARAMETER: &str = "link";

    /// The address to hand out.
    #[must_use]
    pub fn uri(issuer: &Issuer, token: &OpaqueToken) -> String {
        format!("{}?{}={}", issuer.at(Self::PATH), Self::PARAMETER, token.expose())
    }

    /// Whether it still leads anywhere.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

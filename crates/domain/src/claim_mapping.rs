//! A claim mapping: one more claim in tokens or at UserInfo, from what is known of the user, or the same for everybody.

mod claim_name;
mod fields;
mod mapped;
mod source;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::{claim_name::ClaimName, fields::ClaimMappingField, mapped::ClaimMappings, source::ClaimSource};
use crate::{
    fault::Malformed,
    id::{ClaimMappingSlug, ClientId, ClientUid},
    scope::ScopeValue,
    time::Timestamp,
    version::Version,
};

/// Where a mapped claim goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimTarget {
    /// Into ID tokens.
    IdToken,
    /// Into access tokens.
    AccessToken,
    /// Into the answers of UserInfo.
    Userinfo,
}

/// The one client that a mapping is for. A client of the same name that is made later is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedClient {
    /// What tells it from a later one of its name.
    pub uid: ClientUid,
    /// Its name.
    pub id: ClientId,
}

/// A claim mapping as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimMapping {
    /// Its resource name.
    pub slug: ClaimMappingSlug,
    /// The claim that it makes.
    pub claim: ClaimName,
    /// Where the value comes from.
    pub source: ClaimSource,
    /// Where the claim goes; at least one place.
    pub targets: BTreeSet<ClaimTarget>,
    /// Only where this scope was granted.
    pub scope: Option<ScopeValue>,
    /// Only for this client.
    pub client: Option<MappedClient>,
    /// Counts the writes.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl ClaimMapping {
    /// A tenant has at most this many.
    pub const MOST: usize = 100;

    /// Whether the parts fit together; call it before storing what somebody sent.
    pub fn checked(self) -> Result<Self, Malformed> {
        if self.targets.is_empty() {
            return Err(Malformed::new("targets", "must name at least one place"));
        }
        if self.claim.is_vouched_for() && self.source != ClaimSource::User(self.claim.as_str().to_owned()) {
            let rule =
                "is a claim that this server vouches for, so it must come from the user's claim of the same name";
            return Err(Malformed::new("claim", rule));
        }
        Ok(self)
    }
}

//! An issuer outside whose assertions a tenant's clients may exchange for tokens (RFC 7523 section 2.1): a provider of the
//! company's, or the one that says which workload is running.

mod discovery;
mod fields;
mod keys;

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    fault::Malformed,
    id::{ClientId, TrustedIssuerSlug},
    scope::ScopeSet,
    time::Timestamp,
    version::Version,
    vocabulary::Algorithm,
};

pub use self::{discovery::NotDiscovered, fields::TrustedIssuerField, keys::IssuerKeys};

/// What stands in `iss`: an absolute URI or a name, compared byte for byte (RFC 7519 section 4.1.1).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IssuerName(String);

impl IssuerName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if (1..=512).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new("issuer", "must be 1 to 512 characters of ASCII without spaces"))
        }
    }
}

impl TryFrom<String> for IssuerName {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<IssuerName> for String {
    fn from(name: IssuerName) -> Self {
        name.0
    }
}

impl fmt::Display for IssuerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for IssuerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerName({})", self.0)
    }
}

/// Whom the subject of an assertion stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectMapping {
    /// The user of that id.
    UserId,
    /// The user of that username.
    Username,
    /// The client that presents it, which then acts for itself: an assertion about a workload.
    Client,
}

impl SubjectMapping {
    /// Every mapping.
    pub const ALL: [Self; 3] = [Self::UserId, Self::Username, Self::Client];

    /// The spelling at rest.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::UserId => "user_id",
            Self::Username => "username",
            Self::Client => "client",
        }
    }
}

/// A trusted issuer as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// Its resource name.
    pub slug: TrustedIssuerSlug,
    /// What its assertions say in `iss`; one of a kind in its tenant.
    pub issuer: IssuerName,
    /// Its public keys.
    pub keys: IssuerKeys,
    /// What it may sign with.
    pub algorithms: BTreeSet<Algorithm>,
    /// Whom its subjects stand for.
    pub mapping: SubjectMapping,
    /// The subjects that it may speak of; none: of every one.
    pub subjects: BTreeSet<String>,
    /// The clients that may present what it asserts.
    pub clients: BTreeSet<ClientId>,
    /// What they get for it at the most.
    pub scopes: ScopeSet,
    /// Whether nothing of it is taken.
    pub disabled: bool,
    /// Its version.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl TrustedIssuer {
    /// A tenant has at most this many.
    pub const MOST: usize = 100;

    /// It names at most this many clients, and as many subjects.
    pub const MOST_NAMED: usize = 100;

    /// Whether the parts fit together; call it before storing what somebody sent.
    pub fn checked(self) -> Result<Self, Malformed> {
        if self.algorithms.is_empty() {
            return Err(Malformed::new("algorithms", "must name at least one algorithm"));
        }
        if self.mapping == SubjectMapping::Client && self.subjects.is_empty() {
            // Every workload that such an issuer knows would be the client.
            return Err(Malformed::new("subjects", "must name at least one where clients act for themselves"));
        }
        for (what, count) in [("clients", self.clients.len()), ("subjects", self.subjects.len())] {
            if count > Self::MOST_NAMED {
                return Err(Malformed::new(what, "must hold at most 100 entries"));
            }
        }
        if self.subjects.iter().any(|subject| subject.is_empty() || subject.len() > 255) {
            return Err(Malformed::new("subjects", "must be 1 to 255 bytes each"));
        }
        Ok(self)
    }

    /// Whether it may speak of that subject.
    #[must_use]
    pub fn may_name(&self, subject: &str) -> bool {
        !subject.is_empty() && (self.subjects.is_empty() || self.subjects.contains(subject))
    }
}

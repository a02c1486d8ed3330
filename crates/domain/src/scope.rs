//! Scopes: what a client may ask for, and which claims stand behind it.

mod fields;

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::fields::{ListedScope, ScopeField};
use crate::{fault::Malformed, id::ScopeSlug, time::Timestamp, version::Version};

/// The scope that opens the admin API to people and programs of the system tenant.
pub const ADMIN_API: &str = "chancery.admin";

/// One scope token (RFC 6749 section 3.3).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeValue(String);

impl ScopeValue {
    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScopeValue {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let legal = |b: u8| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if (1..=128).contains(&text.len()) && text.bytes().all(legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new("scope", "must be 1 to 128 printable characters without space, quote or backslash"))
        }
    }
}

impl TryFrom<String> for ScopeValue {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<ScopeValue> for String {
    fn from(value: ScopeValue) -> Self {
        value.0
    }
}

impl fmt::Display for ScopeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ScopeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of scopes; the order in which they were asked for does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeSet(BTreeSet<ScopeValue>);

impl ScopeSet {
    /// At most this many scopes stand in one request.
    pub const MOST: usize = 100;

    /// Reads a space-delimited list; an empty one is the empty set.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > 8192 {
            return Err(Malformed::new("scope", "must be at most 8192 characters"));
        }
        let set: BTreeSet<_> = text.split(' ').filter(|s| !s.is_empty()).map(str::parse).collect::<Result<_, _>>()?;
        if set.len() > Self::MOST {
            return Err(Malformed::new("scope", "must hold at most 100 scopes"));
        }
        Ok(Self(set))
    }

    /// Whether the scope is among them.
    #[must_use]
    pub fn contains(&self, value: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == value)
    }

    /// Whether all of these are among the others.
    #[must_use]
    pub fn is_within(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    /// Whether one of these is among the others.
    #[must_use]
    pub fn meets(&self, others: &Self) -> bool {
        !self.0.is_disjoint(&others.0)
    }

    /// Those that stand here and not among the others.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        Self(self.0.difference(&others.0).cloned().collect())
    }

    /// These and the others.
    #[must_use]
    pub fn joined(&self, others: &Self) -> Self {
        Self(self.0.union(&others.0).cloned().collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &ScopeValue> {
        self.0.iter()
    }
}

impl FromIterator<ScopeValue> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = ScopeValue>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// A scope that a tenant made for itself.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Its resource name.
    pub slug: ScopeSlug,
    /// What stands in a request; never changes.
    pub value: ScopeValue,
    /// What the consent page says of it.
    pub description: String,
    /// The claims of the user that it opens at UserInfo.
    pub claims: Vec<String>,
    /// Counts the writes.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

/// A scope that every tenant has (OpenID Connect Core sections 5.4 and 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltInScope {
    /// The scope token, which is its resource name too.
    pub value: &'static str,
    /// What the consent page says of it.
    pub description: &'static str,
    /// The claims that it opens.
    pub claims: &'static [&'static str],
}

impl BuiltInScope {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self { value: "openid", description: "Know who you are at this provider", claims: &["sub"] },
        Self {
            value: "profile",
            description: "See your name and profile",
            claims: &[
                "name",
                "family_name",
                "given_name",
                "middle_name",
                "nickname",
                "preferred_username",
                "profile",
                "picture",
                "website",
                "gender",
                "birthdate",
                "zoneinfo",
                "locale",
                "updated_at",
            ],
        },
        Self { value: "email", description: "See your e-mail address", claims: &["email", "email_verified"] },
        Self { value: "address", description: "See your postal address", claims: &["address"] },
        Self {
            value: "phone",
            description: "See your telephone number",
            claims: &["phone_number", "phone_number_verified"],
        },
        Self { value: "offline_access", description: "Stay signed in while you are away", claims: &[] },
    ];

    /// The built-in scope of that value.
    #[must_use]
    pub fn find(value: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|scope| scope.value == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_list_is_read_with_limits() {
        let set = ScopeSet::parse("openid  email openid").expect("good");
        assert_eq!(set.to_string(), "email openid");
        assert!(ScopeSet::parse("open\"id").is_err());
        assert!(ScopeSet::parse(&"a ".repeat(5000)).is_err());
        let many: Vec<String> = (0..101).map(|n| format!("s{n}")).collect();
        assert!(ScopeSet::parse(&many.join(" ")).is_err());
    }
}

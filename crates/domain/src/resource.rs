//! A resource: an API that accepts the tenant's access tokens, and so an audience (RFC 8707).

mod directory;
mod fields;

use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

pub use self::{directory::Resources, fields::ResourceField};
use crate::{
    fault::Malformed, id::ResourceSlug, scope::ScopeSet, time::Timestamp, version::Version, vocabulary::Algorithm,
};

/// What names a resource in `resource` and in `aud`: an absolute URI without a fragment (RFC 8707 section 2), compared
/// byte for byte.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceUri(String);

impl ResourceUri {
    /// The URI as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ResourceUri {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const WHAT: &str = "resource";
        if text.len() > 512 || !text.bytes().all(is_of_uri) {
            return Err(Malformed::new(WHAT, "must be a URI of at most 512 characters (RFC 3986)"));
        }
        if text.contains('#') {
            return Err(Malformed::new(WHAT, "must not have a fragment (RFC 8707 section 2)"));
        }
        let absolute = text.split_once(':').is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
        let hosted = |scheme: &str| text.strip_prefix(scheme).is_none_or(|rest| rest.bytes().any(|b| b != b'/'));
        if absolute && hosted("https:") && hosted("http:") {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new(WHAT, "must be an absolute URI such as https://api.example"))
        }
    }
}

/// The characters of RFC 3986 section 2, with the `#` that is refused by name.
const fn is_of_uri(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b':'
                | b'/'
                | b'?'
                | b'#'
                | b'['
                | b']'
                | b'@'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b'%'
        )
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

impl TryFrom<String> for ResourceUri {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<ResourceUri> for String {
    fn from(uri: ResourceUri) -> Self {
        uri.0
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceUri({})", self.0)
    }
}

/// What a request names in `resource`, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceSet(BTreeSet<ResourceUri>);

impl ResourceSet {
    /// At most this many are named in one request.
    pub const MOST: usize = 20;

    /// Whether none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether that one is named.
    #[must_use]
    pub fn contains(&self, uri: &str) -> bool {
        self.0.iter().any(|named| named.as_str() == uri)
    }

    /// Those that are named.
    pub fn iter(&self) -> impl Iterator<Item = &ResourceUri> {
        self.0.iter()
    }
}

impl FromIterator<ResourceUri> for ResourceSet {
    fn from_iter<I: IntoIterator<Item = ResourceUri>>(resources: I) -> Self {
        Self(resources.into_iter().collect())
    }
}

/// A resource as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its resource name.
    pub slug: ResourceSlug,
    /// What it is called in `resource` and `aud`; never changes, and is one of a kind in the tenant.
    pub identifier: ResourceUri,
    /// What people call it.
    pub display_name: String,
    /// Those of the tenant's own scopes that belong to it; a scope belongs to one resource at most.
    pub scopes: ScopeSet,
    /// Life of the access tokens for it, in whole seconds; that of the tenant's settings where none is given.
    pub access_token_ttl: Option<Duration>,
    /// What access tokens for it are signed with; the tenant's default where none is given, or while it has no key.
    pub signing_algorithm: Option<Algorithm>,
    /// Counts the writes.
    pub version: Version,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
}

impl Resource {
    /// A tenant has at most this many.
    pub const MOST: usize = 200;

    /// A new resource to which nothing belongs yet.
    #[must_use]
    pub fn new(slug: ResourceSlug, identifier: ResourceUri, now: Timestamp) -> Self {
        Self {
            display_name: slug.to_string(),
            slug,
            identifier,
            scopes: ScopeSet::default(),
            access_token_ttl: None,
            signing_algorithm: None,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        }
    }

    /// Refuses a life of its tokens that is longer than what the tenant's keys may promise, or no life at all.
    pub fn checked(self, longest_token_life: Duration) -> Result<Self, Malformed> {
        const WHAT: &str = "access_token_ttl";
        match self.access_token_ttl {
            Some(ttl) if ttl.as_secs() == 0 || ttl.subsec_nanos() != 0 => {
                Err(Malformed::new(WHAT, "must be whole seconds, at least one"))
            }
            Some(ttl) if ttl > longest_token_life => {
                Err(Malformed::new(WHAT, "must not exceed longest_token_life of the key policy"))
            }
            Some(_) | None => Ok(self),
        }
    }

    /// The longest life that one of them gives its tokens.
    #[must_use]
    pub fn longest_life(all: &[Self]) -> Duration {
        all.iter().filter_map(|resource| resource.access_token_ttl).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_an_absolute_uri_without_a_fragment() {
        for good in
            ["https://api.example", "https://api.example/v1?x=1", "urn:example:orders", "http://127.0.0.1:8080/"]
        {
            assert_eq!(good.parse::<ResourceUri>().map(|uri| uri.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "api.example", "//api.example", "/orders", "https://", "https:", ":x", "1a:b", "urn:", "a b:c"]
        {
            assert!(bad.parse::<ResourceUri>().is_err(), "{bad}");
        }
        for bad in ["https://api.example/#", "https://api.example/ö", "https://api.example/\"", "urn:x\n"] {
            assert!(bad.parse::<ResourceUri>().is_err(), "{bad}");
        }
        assert!(format!("urn:{}", "a".repeat(509)).parse::<ResourceUri>().is_err());
    }

    #[test]
    fn tokens_for_it_live_no_longer_than_keys_promise() {
        let (slug, uri) = ("orders".parse().expect("a slug"), "urn:x".parse().expect("a URI"));
        let resource = Resource::new(slug, uri, Timestamp::from_millis(0));
        let with = |seconds| Resource { access_token_ttl: Some(Duration::from_secs(seconds)), ..resource.clone() };
        let hour = Duration::from_secs(3600);
        assert!(resource.clone().checked(hour).is_ok() && with(1).checked(hour).is_ok());
        assert!(
            with(3600).checked(hour).is_ok() && with(3601).checked(hour).is_err() && with(0).checked(hour).is_err()
        );
        assert_eq!(Resource::longest_life(&[with(5), resource.clone(), with(7)]), Duration::from_secs(7));
        assert_eq!(Resource::longest_life(&[resource]), Duration::ZERO);
    }
}

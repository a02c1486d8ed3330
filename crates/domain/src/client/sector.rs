//! Which clients know people under the same pairwise names (OpenID Connect Core section 8.1).

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use super::Client;
use crate::{fault::Malformed, vocabulary::SubjectType};

/// The address at which the redirect URIs of a sector are listed. Its host names the sector.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SectorIdentifierUri(String);

const WHAT: &str = "sector_identifier_uri";

impl SectorIdentifierUri {
    /// The address as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn host(&self) -> Option<String> {
        host(&self.0)
    }
}

impl FromStr for SectorIdentifierUri {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rule =
            Malformed::new(WHAT, "must be an https URL of at most 2048 characters, without user-info and fragment");
        if text.len() > 2048 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(rule);
        }
        let url = Url::parse(text).map_err(|_| rule.clone())?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if url.scheme() == "https" && url.host_str().is_some_and(|host| !host.is_empty()) && plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(rule)
        }
    }
}

impl TryFrom<String> for SectorIdentifierUri {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<SectorIdentifierUri> for String {
    fn from(uri: SectorIdentifierUri) -> Self {
        uri.0
    }
}

impl fmt::Display for SectorIdentifierUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Client {
    /// The sector whose names for people it uses; none where it knows everybody by the name that all know.
    pub fn sector(&self) -> Result<Option<String>, Malformed> {
        match self.metadata.tokens.subject_type {
            SubjectType::Public => Ok(None),
            SubjectType::Pairwise => self.sector_of_redirects().map(Some),
        }
    }

    /// The host of its `sector_identifier_uri`, or else the one that all of its redirect URIs have.
    pub(super) fn sector_of_redirects(&self) -> Result<String, Malformed> {
        let rule = "must be there for pairwise subjects, unless all redirect URIs have one and the same host";
        if let Some(uri) = &self.metadata.tokens.sector_identifier_uri {
            return uri.host().ok_or(Malformed::new(WHAT, rule));
        }
        let hosts: Option<BTreeSet<String>> = self.redirect_uris.iter().map(|uri| host(uri.as_str())).collect();
        let mut hosts = hosts.unwrap_or_default().into_iter();
        match (hosts.next(), hosts.next()) {
            (Some(only), None) => Ok(only),
            (_, _) => Err(Malformed::new(WHAT, rule)),
        }
    }
}

/// The host of a URL, as browsers write it.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.host_str().filter(|host| !host.is_empty()).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{client::ClientKind, id::ClientUid, redirect_uri::RedirectUri, time::Timestamp};

    fn client(uris: &[&str]) -> Client {
        let uid = ClientUid::from_bytes([1; 16]);
        let id = "app".parse().expect("an id");
        let mut client = Client::new(uid, id, ClientKind::Web, Timestamp::from_seconds(1));
        client.redirect_uris =
            uris.iter().map(|uri| RedirectUri::register(uri, ClientKind::Web).expect("a URI")).collect();
        client.metadata.tokens.subject_type = SubjectType::Pairwise;
        client
    }

    #[test]
    fn the_one_host_of_the_redirect_uris_is_the_sector() {
        let one = client(&["https://App.example/a", "https://app.example:8443/b"]);
        assert_eq!(one.sector(), Ok(Some("app.example".to_owned())));
        let several = client(&["https://app.example/a", "https://other.example/b"]);
        assert!(several.sector().is_err() && client(&[]).sector().is_err());
        let mut named = several;
        named.metadata.tokens.sector_identifier_uri = Some("https://sector.example/uris".parse().expect("a URI"));
        assert_eq!(named.sector(), Ok(Some("sector.example".to_owned())));
        named.metadata.tokens.subject_type = SubjectType::Public;
        assert_eq!(named.sector(), Ok(None));
    }

    #[test]
    fn a_sector_is_named_by_an_https_url() {
        for bad in ["", "http://app.example/x", "https://u@app.example/x", "https://app.example/#x", "urn:x"] {
            assert!(bad.parse::<SectorIdentifierUri>().is_err(), "{bad}");
        }
    }
}

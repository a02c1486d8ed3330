//! How a client proves itself with signed texts, and how it sends authorization requests (RFC 7523, RFC 9126, RFC 9101,
//! OpenID Connect Core section 6).

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Client, Encryption, IdTokenSigning};
use crate::{
    fault::Malformed,
    vocabulary::{ClientAlgorithm, ClientAuthMethod},
};

/// What a client registers about that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientRequests {
    /// What signs its assertions (`token_endpoint_auth_signing_alg`); any that its method has where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assertion_alg: Option<ClientAlgorithm>,
    /// Whether it pushes its authorization requests, all of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_pushed: bool,
    /// What signs its request objects (`request_object_signing_alg`); any algorithm of a key where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_alg: Option<ClientAlgorithm>,
    /// How its request objects are encrypted (`request_object_encryption_alg` and `_enc`), all of them; in any way or not
    /// at all where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_encryption: Option<Encryption>,
    /// Whether it signs its authorization requests, all of them (RFC 9101 section 10.5).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_object: bool,
    /// Where request objects of its may be fetched (`request_uris`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<RequestUri>,
}

impl ClientRequests {
    /// Whether nothing was registered.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it sends request objects, which not every profile takes.
    #[must_use]
    pub fn uses_objects(&self) -> bool {
        self.object_alg.is_some() || self.object_encryption.is_some() || self.require_object || !self.uris.is_empty()
    }
}

/// The address of a request object. Its fragment, if any, is the client's to tell one version from another: it is part
/// of what is registered, and is taken off before fetching.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestUri(String);

impl RequestUri {
    /// A longer one is refused (OpenID Connect Core section 6.2), in bytes.
    pub const LONGEST: usize = 512;

    /// The address as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address without its fragment.
    #[must_use]
    pub fn place(&self) -> &str {
        self.0.split_once('#').map_or(&*self.0, |(place, _)| place)
    }
}

impl std::str::FromStr for RequestUri {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rule = Malformed::new("request_uris", "must be https URLs of at most 512 characters, without user-info");
        if text.len() > Self::LONGEST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(rule);
        }
        let url = Url::parse(text).map_err(|_| rule.clone())?;
        let plain = url.username().is_empty() && url.password().is_none();
        if url.scheme() == "https" && url.host_str().is_some_and(|host| !host.is_empty()) && plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(rule)
        }
    }
}

impl TryFrom<String> for RequestUri {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<RequestUri> for String {
    fn from(uri: RequestUri) -> Self {
        uri.0
    }
}

impl std::fmt::Display for RequestUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Client {
    /// The one method of signed assertions by which it authenticates, if that is how.
    #[must_use]
    pub fn assertion_method(&self) -> Option<ClientAuthMethod> {
        self.auth_methods.iter().copied().find(|method| method.is_assertion())
    }

    /// Whether the server computes with its secrets, so that new ones are kept sealed beside their digests.
    #[must_use]
    pub fn needs_sealed_secrets(&self) -> bool {
        self.id_token_signing == IdTokenSigning::ClientSecret
            || self.auth_methods.contains(&ClientAuthMethod::SecretJwt)
            || matches!(self.metadata.requests.object_alg, Some(ClientAlgorithm::Secret(_)))
    }

    /// Whether what it registered about its requests fits together.
    pub(super) fn check_requests(&self) -> Result<(), Malformed> {
        let (requests, method) = (&self.metadata.requests, self.assertion_method());
        if method.is_some() && self.auth_methods.len() > 1 {
            return Err(Malformed::new(
                "auth_methods",
                "must not join private_key_jwt or client_secret_jwt with another",
            ));
        }
        if method == Some(ClientAuthMethod::PrivateKeyJwt) && self.metadata.keys.is_none() {
            return Err(Malformed::new("jwks", "must be there, or jwks_uri, for a client that signs with its own key"));
        }
        let fits = match (requests.assertion_alg, method) {
            (None, _)
            | (Some(ClientAlgorithm::Key(_)), Some(ClientAuthMethod::PrivateKeyJwt))
            | (Some(ClientAlgorithm::Secret(_)), Some(ClientAuthMethod::SecretJwt)) => true,
            (Some(_), _) => false,
        };
        if !fits {
            let rule = "must be empty, or an algorithm of private_key_jwt or client_secret_jwt that the client uses";
            return Err(Malformed::new("token_endpoint_auth_signing_alg", rule));
        }
        let keyless = self.metadata.keys.is_none();
        match requests.object_alg {
            Some(ClientAlgorithm::Key(_)) if keyless => {
                Err(Malformed::new("request_object_signing_alg", "must be empty for a client without keys"))
            }
            Some(ClientAlgorithm::Secret(_)) if self.is_public() => {
                Err(Malformed::new("request_object_signing_alg", "must not be of a secret for a public client"))
            }
            None if keyless && requests.uses_objects() => {
                Err(Malformed::new("jwks", "must be there, or jwks_uri, for a client that sends request objects"))
            }
            Some(ClientAlgorithm::Key(_) | ClientAlgorithm::Secret(_)) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_uri_keeps_its_fragment_and_is_fetched_without() {
        let uri: RequestUri = "https://app.example/request.jwt#v2".parse().expect("an address");
        assert_eq!(
            (uri.as_str(), uri.place()),
            ("https://app.example/request.jwt#v2", "https://app.example/request.jwt")
        );
        let plain: RequestUri = "https://app.example/request.jwt".parse().expect("an address");
        assert_eq!(plain.place(), plain.as_str());
        let long = format!("https://app.example/{}", "a".repeat(512));
        for bad in ["http://app.example/r", "urn:x", "https://u@app.example/r", "https://app.example/r r", "", &long] {
            assert!(bad.parse::<RequestUri>().is_err(), "{bad}");
        }
    }
}

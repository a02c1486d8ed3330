//! The public keys of a client: what it signs with, and what is encrypted for it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    fault::Malformed,
    vocabulary::{ContentEncryption, KeyManagement},
};

/// Where a client's keys are: here or there, and never both (RFC 7591 section 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKeys {
    /// Registered by value: the JSON text of a JWK Set (RFC 7517 section 5), as it came. What registers it has read it
    /// through [`ReadClientKeys`](crate::ports::client_jose::ReadClientKeys) before.
    Jwks(String),
    /// Published by the client at an address of its own.
    JwksUri(JwksUri),
}

impl ClientKeys {
    /// The JSON text of the JWK Set, where it was registered by value.
    #[must_use]
    pub fn jwks(&self) -> Option<&str> {
        match self {
            Self::Jwks(text) => Some(text),
            Self::JwksUri(_) => None,
        }
    }

    /// The address of the JWK Set, where the client publishes it itself.
    #[must_use]
    pub const fn jwks_uri(&self) -> Option<&JwksUri> {
        match self {
            Self::Jwks(_) => None,
            Self::JwksUri(uri) => Some(uri),
        }
    }
}

/// The address of a client's JWK Set. Whether it may be fetched from here, plain http included, the guard of what the
/// server calls says: whoever registers one asks it, and whoever fetches asks it again.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JwksUri(String);

impl JwksUri {
    /// The address as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JwksUri {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const WHAT: &str = "jwks_uri";
        let rule = Malformed::new(
            WHAT,
            "must be an https URL of at most 2048 characters, or http where the deployment names its host",
        );
        if text.len() > 2048 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(rule);
        }
        let url = Url::parse(text).map_err(|_| rule.clone())?;
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
            return Err(rule);
        }
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(Malformed::new(WHAT, "must have neither a fragment nor user-info"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for JwksUri {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<JwksUri> for String {
    fn from(uri: JwksUri) -> Self {
        uri.0
    }
}

impl fmt::Display for JwksUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for JwksUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JwksUri({})", self.0)
    }
}

/// How something is encrypted for a client (`id_token_encrypted_response_alg` and `_enc` and their like).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Encryption {
    /// How the key reaches the client.
    pub alg: KeyManagement,
    /// What the text is encrypted with.
    pub enc: ContentEncryption,
}

impl Encryption {
    /// Reads the pair as a client registers it: nothing for nothing, and `A128CBC-HS256` for an `alg` alone (OpenID
    /// Connect Dynamic Client Registration section 2). An `enc` alone is refused.
    pub fn registered(alg: Option<&str>, enc: Option<&str>) -> Result<Option<Self>, Malformed> {
        match (alg, enc) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Malformed::new("enc", "must not be there without an alg")),
            (Some(alg), None) => Ok(Some(Self { alg: alg.parse()?, enc: ContentEncryption::A128CbcHs256 })),
            (Some(alg), Some(enc)) => Ok(Some(Self { alg: alg.parse()?, enc: enc.parse()? })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_stored_as_what_they_are() {
        let uri = "https://app.example/keys".parse().expect("an address");
        for (keys, json) in [
            (ClientKeys::Jwks(r#"{"keys":[]}"#.into()), r#"{"jwks":"{\"keys\":[]}"}"#),
            (ClientKeys::JwksUri(uri), r#"{"jwks_uri":"https://app.example/keys"}"#),
        ] {
            assert_eq!(serde_json::to_string(&keys).expect("JSON"), json);
            assert_eq!(serde_json::from_str::<ClientKeys>(json).expect("keys"), keys);
        }
        assert!(serde_json::from_str::<ClientKeys>(r#"{"jwks_uri":"ftp://app.example/keys"}"#).is_err());
    }

    #[test]
    fn an_address_of_keys_is_https_and_nothing_else() {
        for bad in [
            "",
            "/keys",
            "ftp://app.example/keys",
            "https://",
            "https://user@app.example/keys",
            "https://app.example/keys#one",
            "https://app.example/ke ys",
            "data:application/json,{}",
        ] {
            assert!(bad.parse::<JwksUri>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_encryption_without_an_enc_has_the_usual_one() {
        let read = |alg, enc| Encryption::registered(alg, enc);
        let usual = read(Some("ECDH-ES"), None).expect("one").expect("some");
        assert_eq!(usual.enc, ContentEncryption::A128CbcHs256);
        assert_eq!(read(None, None), Ok(None));
        for refused in
            [(None, Some("A128GCM")), (Some("RSA1_5"), None), (Some("dir"), None), (Some("ECDH-ES"), Some("A1"))]
        {
            assert!(read(refused.0, refused.1).is_err(), "{refused:?}");
        }
    }
}

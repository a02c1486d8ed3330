//! Where the keys of a trusted issuer are.

use serde::{Deserialize, Serialize};

use crate::client::JwksUri;

/// The keys of a trusted issuer: told by value, told by address, or found by its name alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssuerKeys {
    /// By value: the JSON text of a JWK Set (RFC 7517 section 5), as it came. What stores it has read it through
    /// [`ReadClientKeys`](crate::ports::client_jose::ReadClientKeys) before.
    Jwks(String),
    /// Published at an address that was told.
    JwksUri(JwksUri),
    /// Published at the address that the issuer's metadata tell, which are read anew whenever its keys are.
    Discovered,
}

impl IssuerKeys {
    /// The JSON text of the JWK Set, where it was told by value.
    #[must_use]
    pub fn jwks(&self) -> Option<&str> {
        match self {
            Self::Jwks(text) => Some(text),
            Self::JwksUri(_) | Self::Discovered => None,
        }
    }

    /// The address of the JWK Set, where that was told.
    #[must_use]
    pub const fn jwks_uri(&self) -> Option<&JwksUri> {
        match self {
            Self::JwksUri(uri) => Some(uri),
            Self::Jwks(_) | Self::Discovered => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let at = IssuerKeys::JwksUri("https://idp.example/keys".parse().expect("an address"));
        for (keys, text) in [
            (IssuerKeys::Jwks("{}".to_owned()), r#"{"jwks":"{}"}"#),
            (at, r#"{"jwks_uri":"https://idp.example/keys"}"#),
            (IssuerKeys::Discovered, r#""discovered""#),
        ] {
            assert_eq!(serde_json::to_string(&keys).expect("JSON"), text);
            assert_eq!(serde_json::from_str::<IssuerKeys>(text).expect("keys"), keys);
        }
    }
}

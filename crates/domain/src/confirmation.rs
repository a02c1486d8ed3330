//! What a token is bound to: a key that whoever presents it proves to have (RFC 7800).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::{
    fault::Malformed,
    secret::{base64url, from_base64url},
};

/// The key of whoever may use a token. As JSON it is the claim `cnf` (RFC 7800 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// The key of DPoP proofs (RFC 9449 section 6).
    #[serde(rename = "jkt")]
    Jkt(Thumbprint),
}

impl Confirmation {
    /// The `token_type` of a token, and the scheme that it is presented with: that of a token bound to nothing is Bearer.
    #[must_use]
    pub const fn token_type(bound: Option<&Self>) -> &'static str {
        match bound {
            None => "Bearer",
            Some(Self::Jkt(_)) => "DPoP",
        }
    }
}

/// The SHA-256 thumbprint of a key (RFC 7638 section 3).
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// A thumbprint from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Thumbprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Thumbprint {}

impl FromStr for Thumbprint {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bytes = from_base64url(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(Malformed::new("thumbprint", "must be the 43 characters of a SHA-256 in base64url"))
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.to_string()
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url(&self.0))
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The thumbprint of RFC 9449 section 6.1.
    #[test]
    fn its_json_is_the_claim() {
        let claim = r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#;
        let read: Confirmation = serde_json::from_str(claim).expect("a confirmation");
        assert_eq!(serde_json::to_string(&read).expect("JSON"), claim);
        assert_eq!(Confirmation::token_type(Some(&read)), "DPoP");
        assert_eq!(Confirmation::token_type(None), "Bearer");
    }

    #[test]
    fn a_thumbprint_is_43_characters() {
        let good = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
        assert_eq!(good.parse::<Thumbprint>().expect("good").to_string(), good);
        for bad in ["", "a", &good[..42], &format!("{good}="), &format!("{good}AA"), &good.replace('-', "+")] {
            assert!(bad.parse::<Thumbprint>().is_err(), "{bad}");
        }
    }
}

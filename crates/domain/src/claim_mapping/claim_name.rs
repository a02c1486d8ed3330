//! The name of a claim that a mapping may make.

use std::{fmt, str::FromStr};

use crate::fault::Malformed;

/// A name that no protocol uses for something else.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimName(String);

/// What tokens, introspection and UserInfo say by themselves (RFC 7519 section 4.1, RFC 9068, RFC 7662, OpenID Connect
/// Core and logout, RFC 7800, RFC 8693, RFC 9449, RFC 9470).
const OF_THE_PROTOCOL: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "typ",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "scope",
    "scp",
    "client_id",
    "cnf",
    "act",
    "may_act",
    "events",
    "sub_jwk",
    "sub_id",
    "active",
    "token_type",
    "htm",
    "htu",
    "ath",
    "_claim_names",
    "_claim_sources",
    "authorization_details",
    "_sd",
    "_sd_alg",
];

/// What this server says of a person as its own knowledge.
const VOUCHED_FOR: &[&str] = &["email", "email_verified", "updated_at"];

impl ClaimName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether relying parties take this server's word for it, so that nothing else may be said in its place.
    #[must_use]
    pub fn is_vouched_for(&self) -> bool {
        VOUCHED_FOR.contains(&self.as_str())
    }
}

impl FromStr for ClaimName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const WHAT: &str = "claim";
        if !(1..=128).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
        {
            let rule = "must be 1 to 128 printable ASCII characters without space, quote or backslash";
            return Err(Malformed::new(WHAT, rule));
        }
        if OF_THE_PROTOCOL.contains(&text) {
            return Err(Malformed::new(WHAT, "must not be a name that the protocol uses for something else"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_protocol_says_is_not_mapped() {
        for good in ["department", "https://example.com/roles", "groups", "email", "urn:x"] {
            assert!(good.parse::<ClaimName>().is_ok(), "{good}");
        }
        for bad in OF_THE_PROTOCOL.iter().chain(&["", "a b", "a\"b", "a\\b", "ü"]) {
            assert!(bad.parse::<ClaimName>().is_err(), "{bad}");
        }
        assert!("email".parse::<ClaimName>().expect("a name").is_vouched_for());
    }
}

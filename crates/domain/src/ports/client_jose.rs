//! What clients sign for us, and what we encrypt for them. The keys room answers, as it does for our own tokens.
//!
//! A client's keys are read once ([`ReadClientKeys`]): as they are registered, and again wherever they are needed. What
//! comes out verifies and encrypts ([`ClientKeySet`]) and is cheap to keep, so a cache of fetched sets may hold it.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use super::jose::Untrusted;
use crate::{
    client::{Client, Encryption},
    confirmation::Thumbprint,
    fault::{Fault, Malformed},
    time::Timestamp,
    vocabulary::{Algorithm, ClientAlgorithm, MacAlgorithm},
};

/// At most this many keys in a client's JWK Set.
pub const MOST_KEYS: usize = 20;

/// A longer JWK Set is not looked at, in bytes.
pub const LONGEST_KEY_SET: usize = 64 * 1024;

/// A longer text that a client signed or encrypted is not looked at, in bytes.
pub const LONGEST_TEXT: usize = 250 * 1024;

/// Reads clients' JWK Sets. It knows no tenant.
pub trait ReadClientKeys: Send + Sync {
    /// Reads the JSON text of a JWK Set (RFC 7517 section 5), whether somebody registers it or we fetched it.
    ///
    /// Refused are more than [`MOST_KEYS`] keys or [`LONGEST_KEY_SET`] bytes, a member that stands twice, private members
    /// and symmetric keys, an RSA key that is shorter than 2048 bits or has an unsound exponent or modulus, and a point
    /// that is not on its curve. Keys of a kind or for a use that we do not know are passed over. The error names the
    /// place of the key, such as `jwks.keys[3]`.
    fn read(&self, jwks: &str) -> Result<Arc<dyn ClientKeySet>, Malformed>;

    /// What a compact JWS says, believing nothing: to find out whom to ask for the keys. As strict in its form as
    /// [`ClientKeySet::verify`].
    fn unproven(&self, token: &str) -> Result<ClientJws, Untrusted>;

    /// What a compact JWS says that is signed by the key which its own header carries (`jwk`, RFC 7515 section 4.1.3): that
    /// proves nothing but that its sender has that key. As strict in its form as [`ClientKeySet::verify`], and in its key as
    /// [`Self::read`]: without one, with a private or a symmetric one, and with one that does not fit the algorithm it is
    /// [`Untrusted::UnknownKey`].
    fn self_signed(&self, token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<SelfSigned, Untrusted>;
}

/// What a JWS says that carries its own key.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfSigned {
    /// What it says.
    pub jws: ClientJws,
    /// Which key it is.
    pub thumbprint: Thumbprint,
}

/// The keys of one client, read and found sound.
pub trait ClientKeySet: Send + Sync + fmt::Debug {
    /// What a compact JWS says (RFC 7515 section 7.1) that one of these keys signed, with one of `algorithms`.
    ///
    /// With a `kid` only keys of that name are tried, without one all of them; either way only those that fit the
    /// algorithm, and are not for another use. Where there is none it is [`Untrusted::UnknownKey`], after which it can
    /// help to fetch the keys again; [`Untrusted::BadSignature`] means that there was one.
    ///
    /// Strict: one signature, no `crit`, no `b64`, no repeated member, at most [`LONGEST_TEXT`] bytes. Keys that the header
    /// carries or names (`jwk`, `jku`, `x5c`, `x5u`) are not looked at. Time, issuer and audience are the caller's.
    fn verify(&self, token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<ClientJws, Untrusted>;

    /// The compact JWE (RFC 7516 section 7.1) that the client alone can read. Of the keys that fit, the first is taken.
    fn encrypt(&self, how: Encryption, content: Content<'_>) -> Result<String, NotEncrypted>;

    /// Whether there is a key to encrypt to in that way.
    fn can_encrypt(&self, how: Encryption) -> bool;
}

/// Believes what a tenant's clients sign with their secrets.
pub trait ClientMacs: Send + Sync {
    /// What a compact JWS says that one of the client's live secrets signed: one that is kept sealed, since a digest
    /// computes nothing. As strict as [`ClientKeySet::verify`]. The key is the octets of the text of the secret (OpenID
    /// Connect Core section 10.1), whatever the hash. A client without such a secret is [`Untrusted::UnknownKey`].
    fn verify(
        &self,
        client: &Client,
        token: &str,
        algorithms: &[MacAlgorithm],
        typ: TypRule,
        now: Timestamp,
    ) -> Result<ClientJws, Untrusted>;
}

/// Which `typ` headers are taken. Types are compared as media types are: without regard to case, and with or without
/// `application/` in front (RFC 7515 section 4.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypRule {
    /// Whatever there is.
    Any,
    /// None at all.
    Absent,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// One of these, or none at all.
    AbsentOrOneOf(&'static [&'static str]),
}

impl TypRule {
    /// Whether that header is taken.
    #[must_use]
    pub fn admits(self, typ: Option<&str>) -> bool {
        match (self, typ) {
            (Self::Any, _) | (Self::Absent | Self::AbsentOrOneOf(_), None) => true,
            (Self::Absent, Some(_)) | (Self::OneOf(_), None) => false,
            (Self::OneOf(words) | Self::AbsentOrOneOf(words), Some(typ)) => {
                words.iter().any(|word| short(typ).eq_ignore_ascii_case(short(word)))
            }
        }
    }
}

/// A media type without the `application/` that may be left out.
fn short(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => rest,
        Some(_) | None => typ,
    }
}

/// What a client's JWS says.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientJws {
    /// What signed it; none for an algorithm that we do not know, and for `none`.
    pub algorithm: Option<ClientAlgorithm>,
    /// The name of the key.
    pub kid: Option<String>,
    /// The type, as it stands in the header.
    pub typ: Option<String>,
    /// The claims. Numbers are what JSON has: whoever reads a time refuses what is none.
    pub claims: Map<String, Value>,
}

/// What is encrypted for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A signed JWT: the header says so (`cty`, RFC 7519 section 5.2).
    Jwt(&'a str),
    /// The JSON text of a claims set that nobody signed.
    Claims(&'a [u8]),
}

/// Why nothing was encrypted.
#[derive(Debug, thiserror::Error)]
pub enum NotEncrypted {
    /// The client has no key that fits.
    #[error("the client has no key to encrypt to")]
    NoKey,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t117_a_type_is_taken_where_the_rule_names_it() {
        let request = TypRule::OneOf(&["oauth-authz-req+jwt"]);
        for good in ["oauth-authz-req+jwt", "OAuth-Authz-Req+JWT", "application/oauth-authz-req+jwt"] {
            assert!(request.admits(Some(good)), "{good}");
        }
        for bad in [None, Some(""), Some("JWT"), Some("application/x/oauth-authz-req+jwt"), Some("dpop+jwt")] {
            assert!(!request.admits(bad), "{bad:?}");
        }
        let lenient = TypRule::AbsentOrOneOf(&["JWT"]);
        assert!(lenient.admits(None) && lenient.admits(Some("jwt")) && !lenient.admits(Some("at+jwt")));
        assert!(TypRule::Absent.admits(None) && !TypRule::Absent.admits(Some("JWT")));
        assert!(TypRule::Any.admits(None) && TypRule::Any.admits(Some("x")));
    }
}

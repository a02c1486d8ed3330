//! Reading a client's JWK Set.

use chancery_domain::{
    fault::Malformed,
    ports::client_jose::{LONGEST_KEY_SET, MOST_KEYS},
};
use serde_json::{Map, Value};

use super::key::ClientKey;
use crate::{import::ImportError, jws::json};

const SET: &str = "jwks";

/// What each place of a set is called.
const PLACES: [&str; MOST_KEYS] = [
    "jwks.keys[0]",
    "jwks.keys[1]",
    "jwks.keys[2]",
    "jwks.keys[3]",
    "jwks.keys[4]",
    "jwks.keys[5]",
    "jwks.keys[6]",
    "jwks.keys[7]",
    "jwks.keys[8]",
    "jwks.keys[9]",
    "jwks.keys[10]",
    "jwks.keys[11]",
    "jwks.keys[12]",
    "jwks.keys[13]",
    "jwks.keys[14]",
    "jwks.keys[15]",
    "jwks.keys[16]",
    "jwks.keys[17]",
    "jwks.keys[18]",
    "jwks.keys[19]",
];

/// The members that hold a secret, whatever the kind of key (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 9964 section
/// 3).
const SECRET_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// The keys of a set that can be of use here, in their order.
pub(super) fn read(jwks: &str) -> Result<Vec<ClientKey>, Malformed> {
    if jwks.len() > LONGEST_KEY_SET {
        return Err(Malformed::new(SET, "must be at most 64 KiB long"));
    }
    let form =
        Malformed::new(SET, "must be a JWK Set: a JSON object, no member twice, whose keys are a list of objects");
    let mut set = json::object(jwks.as_bytes()).ok_or(form.clone())?;
    let Some(Value::Array(keys)) = set.remove("keys") else { return Err(form) };
    if keys.len() > MOST_KEYS {
        return Err(Malformed::new(SET, "must hold at most 20 keys"));
    }
    let read = |(key, place): (Value, &'static str)| match key {
        Value::Object(jwk) => one(jwk, place).transpose(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Some(Err(form.clone())),
    };
    keys.into_iter().zip(PLACES).filter_map(read).collect()
}

/// One key; none where it is of a kind or for a use that we do not know.
pub(super) fn one(jwk: Map<String, Value>, place: &'static str) -> Result<Option<ClientKey>, Malformed> {
    let refused = |rule| Err(Malformed::new(place, rule));
    let Some(kty) = jwk.get("kty").and_then(Value::as_str) else { return refused("must have a kty") };
    if kty == "oct" {
        return refused("must not be a symmetric key (oct)");
    }
    if SECRET_MEMBERS.iter().any(|member| jwk.contains_key(*member)) {
        return refused("must not have a private member: register public keys alone");
    }
    ClientKey::read(jwk).or_else(|error| match rule(&error) {
        Some(rule) => refused(rule),
        None => Ok(None),
    })
}

/// The rule that a key breaks; none for one that is merely unknown.
const fn rule(error: &ImportError) -> Option<&'static str> {
    match error {
        ImportError::Unsupported { .. } => None,
        ImportError::MemberMissing { .. } => Some("lacks a member that a key of its kind has"),
        ImportError::MemberMalformed { .. } => Some("has a member of the wrong form or length"),
        ImportError::RsaSize { .. } => Some("must be an RSA key of 2048 to 8192 bits"),
        ImportError::RsaExponent { .. } => {
            Some("must have a public exponent that is odd, at least 65537 and below 2^33")
        }
        ImportError::RsaModulusEven => Some("must have an odd modulus"),
        ImportError::RsaWeak { .. } => Some("must not be an RSA key that anybody can break"),
        ImportError::PointOffCurve { .. } => Some("must be a sound point of its curve"),
        ImportError::Empty
        | ImportError::TooLong { .. }
        | ImportError::Foreign { .. }
        | ImportError::Several { .. }
        | ImportError::Garbled { .. }
        | ImportError::RepeatedMember
        | ImportError::NotForSigning { .. }
        | ImportError::Symmetric
        | ImportError::PassphraseMissing
        | ImportError::PassphraseWrong
        | ImportError::PassphraseNeedless
        | ImportError::Cipher { .. }
        | ImportError::Costly { .. }
        | ImportError::AlgorithmMissing
        | ImportError::WrongKey { .. }
        | ImportError::OtherAlgorithm { .. }
        | ImportError::RsaMultiPrime
        | ImportError::RsaInconsistent { .. }
        | ImportError::ScalarOutOfRange { .. }
        | ImportError::PublicMismatch
        | ImportError::DoesNotSign => Some("must be a sound public key"),
    }
}

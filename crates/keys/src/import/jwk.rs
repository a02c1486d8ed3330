//! A JWK as JSON (RFC 7517, RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3), or a JWK Set with one key in it.

use std::ops::{Deref, DerefMut};

use chancery_domain::{secret::from_base64url, vocabulary::Algorithm};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::{
    error::ImportError,
    proved::Proved,
    unproved::{EcNumbers, EdNumbers, Found, MlDsaNumbers, MlDsaSet, RsaNumbers, RsaSecret, SecretBytes, Unproved},
};
use crate::{jwk::Curve, jws::json};

/// Reads the JSON of a JWK or a JWK Set.
pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let Some(object) = json::object(text.as_bytes()) else {
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        return Err(if is_json { ImportError::RepeatedMember } else { ImportError::garbled("the JSON of the JWK") });
    };
    let mut object = Members(object);
    if object.contains_key("kty") {
        return key(&object);
    }
    match object.get_mut("keys") {
        Some(Value::Array(keys)) => match keys.as_mut_slice() {
            [Value::Object(only)] => key(&Members(std::mem::take(only))),
            others => Err(ImportError::Several { count: others.len(), things: "keys in a JWK Set" }),
        },
        Some(_) | None => Err(ImportError::MemberMissing { member: "kty" }),
    }
}

fn key(jwk: &Members) -> Result<Found, ImportError> {
    let family = jwk.text("kty")?;
    if family == "oct" {
        return Err(ImportError::Symmetric);
    }
    let is_private = jwk.contains_key("d") || jwk.contains_key("priv");
    let algorithm = purpose(jwk, is_private)?;
    let numbers = numbers(jwk, family)?;
    let kid = if jwk.contains_key("kid") { Some(jwk.text("kid")?.to_owned()) } else { None };
    Ok(Found { numbers, kid, algorithm })
}

/// The numbers of a JWK without private members, whatever it is for: proved, or refused.
pub(super) fn public(jwk: Map<String, Value>) -> Result<Proved, ImportError> {
    let jwk = Members(jwk);
    Proved::of(numbers(&jwk, jwk.text("kty")?)?)
}

fn numbers(jwk: &Members, family: &str) -> Result<Unproved, ImportError> {
    match family {
        "RSA" => rsa(jwk),
        "EC" => ec(jwk),
        "OKP" => okp(jwk),
        "AKP" => akp(jwk),
        other => Err(ImportError::unsupported(format!("a JWK whose kty is {}", shown(other)))),
    }
}

/// What the key says that it is for (RFC 7517 sections 4.2 to 4.4).
fn purpose(jwk: &Members, is_private: bool) -> Result<Option<Algorithm>, ImportError> {
    let refused = |member, value: &Value, rule| {
        let value = value.as_str().map_or_else(|| "something else".to_owned(), shown);
        Err(ImportError::NotForSigning { member, value, rule })
    };
    match jwk.get("use") {
        None => {}
        Some(usage) if usage == "sig" => {}
        Some(other) => return refused("use", other, "sig, or left out"),
    }
    let (wanted, rule) = if is_private {
        ("sign", "a list with sign, or left out")
    } else {
        ("verify", "a list with verify, or left out")
    };
    match jwk.get("key_ops") {
        None => {}
        Some(Value::Array(operations)) if operations.iter().any(|operation| operation == wanted) => {}
        Some(other) => return refused("key_ops", other, rule),
    }
    match jwk.get("alg") {
        None => Ok(None),
        // RFC 9864 section 2.2 gives EdDSA on Ed25519 a name of its own.
        Some(alg) if alg == "Ed25519" => Ok(Some(Algorithm::EdDsa)),
        Some(alg) => match alg.as_str().and_then(|alg| alg.parse().ok()) {
            Some(algorithm) => Ok(Some(algorithm)),
            None => refused("alg", alg, "one that tokens are signed with here, or left out"),
        },
    }
}

fn rsa(jwk: &Members) -> Result<Unproved, ImportError> {
    if jwk.contains_key("oth") {
        return Err(ImportError::RsaMultiPrime);
    }
    let (n, e) = (jwk.public("n")?, jwk.public("e")?);
    let secret = if jwk.contains_key("d") {
        // RFC 7518 section 6.3.2: either all of these, or none.
        let all = ["p", "q", "dp", "dq", "qi"].iter().any(|member| jwk.contains_key(*member));
        let primes = if all { Some((jwk.secret("p")?, jwk.secret("q")?)) } else { None };
        let derived = |member| if all { jwk.secret(member).map(Some) } else { Ok(None) };
        let derived = [derived("dp")?, derived("dq")?, derived("qi")?];
        Some(RsaSecret { d: jwk.secret("d")?, primes, derived })
    } else {
        None
    };
    Ok(Unproved::Rsa(RsaNumbers { n, e, secret, pss_alone: false }))
}

fn ec(jwk: &Members) -> Result<Unproved, ImportError> {
    let (curve, bytes, rule) = match jwk.text("crv")? {
        "P-256" => (Curve::P256, 32, "32 bytes on P-256"),
        "P-384" => (Curve::P384, 48, "48 bytes on P-384"),
        "P-521" => (Curve::P521, 66, "66 bytes on P-521"),
        other => return Err(ImportError::unsupported(format!("a key on {}", shown(other)))),
    };
    let point = [vec![4], jwk.coordinate("x", bytes, rule)?, jwk.coordinate("y", bytes, rule)?].concat();
    let secret = jwk.optional_secret("d", bytes, rule)?;
    Ok(Unproved::Ec(EcNumbers { curve, secret, point: Some(point) }))
}

fn okp(jwk: &Members) -> Result<Unproved, ImportError> {
    const RULE: &str = "32 bytes on Ed25519";
    let curve = jwk.text("crv")?;
    if curve != "Ed25519" {
        return Err(ImportError::unsupported(format!("a key on {}", shown(curve))));
    }
    let point = Some(jwk.coordinate("x", 32, RULE)?);
    Ok(Unproved::Ed25519(EdNumbers { seed: jwk.optional_secret("d", 32, RULE)?, point }))
}

/// RFC 9964 section 3: the `alg` says which kind of key it is, and the private part is a seed.
fn akp(jwk: &Members) -> Result<Unproved, ImportError> {
    const RULE: &str = "ML-DSA-44, ML-DSA-65 or ML-DSA-87";
    let (set, bytes, rule) = match jwk.text("alg")? {
        "ML-DSA-44" => (MlDsaSet::Of44, 1312, "1312 bytes for ML-DSA-44"),
        "ML-DSA-65" => (MlDsaSet::Of65, 1952, "1952 bytes for ML-DSA-65"),
        "ML-DSA-87" => (MlDsaSet::Of87, 2592, "2592 bytes for ML-DSA-87"),
        other => return Err(ImportError::NotForSigning { member: "alg", value: shown(other), rule: RULE }),
    };
    let (seed, public) = (jwk.optional_secret("priv", 32, "a seed of 32 bytes")?, jwk.coordinate("pub", bytes, rule)?);
    Ok(Unproved::MlDsa(MlDsaNumbers { set, seed, public }))
}

/// A word of the JWK for a sentence; what does not look like a word is not repeated.
fn shown(word: &str) -> String {
    let is_word =
        (1..=24).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b));
    if is_word { word.to_owned() } else { "something else".to_owned() }
}

/// The members of a JWK, wiped when they go.
struct Members(Map<String, Value>);

impl Members {
    fn text(&self, member: &'static str) -> Result<&str, ImportError> {
        self.get(member).and_then(Value::as_str).ok_or(ImportError::MemberMissing { member })
    }

    fn number(&self, member: &'static str, rule: &'static str) -> Result<Vec<u8>, ImportError> {
        let number = from_base64url(self.text(member)?).filter(|number| !number.is_empty());
        number.ok_or(ImportError::MemberMalformed { member, rule })
    }

    fn public(&self, member: &'static str) -> Result<Vec<u8>, ImportError> {
        self.number(member, "at least one byte")
    }

    fn secret(&self, member: &'static str) -> Result<SecretBytes, ImportError> {
        self.public(member).map(Zeroizing::new)
    }

    /// A number of full length (RFC 7518 sections 6.2.1.2 and 6.2.2.1).
    fn coordinate(&self, member: &'static str, bytes: usize, rule: &'static str) -> Result<Vec<u8>, ImportError> {
        let number = Zeroizing::new(self.number(member, rule)?);
        if number.len() == bytes { Ok(number.to_vec()) } else { Err(ImportError::MemberMalformed { member, rule }) }
    }

    fn optional_secret(
        &self,
        member: &'static str,
        bytes: usize,
        rule: &'static str,
    ) -> Result<Option<SecretBytes>, ImportError> {
        if !self.contains_key(member) {
            return Ok(None);
        }
        self.coordinate(member, bytes, rule).map(|number| Some(Zeroizing::new(number)))
    }
}

impl Deref for Members {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Members {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

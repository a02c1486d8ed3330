//! One public key of a client: its numbers, and what it says to be for (RFC 7517 sections 4.2 to 4.5).

use aws_lc_rs::signature::ParsedPublicKey;
use chancery_domain::{
    confirmation::Thumbprint,
    secret::from_base64url,
    vocabulary::{Algorithm, KeyManagement},
};
use serde_json::{Map, Value};

use crate::{
    import::{self, ImportError},
    jwe::{self, Recipient},
    jwk::Numbers,
};

/// A sound key.
pub(super) struct ClientKey {
    kid: Option<String>,
    usage: Option<String>,
    alg: Option<String>,
    operations: Option<Vec<String>>,
    material: Material,
}

enum Material {
    /// Numbers as our own keys have them.
    Known(Numbers),
    /// A point of X25519 (RFC 7748), which agrees on keys and signs nothing.
    X25519([u8; 32]),
}

impl ClientKey {
    /// Reads a JWK without private members; none where it is of no use here. A key that we know is checked whatever it
    /// says to be for.
    pub(super) fn read(jwk: Map<String, Value>) -> Result<Option<Self>, ImportError> {
        let kid = text(&jwk, "kid")?;
        let usage = text(&jwk, "use")?;
        let alg = text(&jwk, "alg")?;
        let operations = match jwk.get("key_ops") {
            None => None,
            Some(Value::Array(operations)) => {
                Some(operations.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            Some(_) => return Err(malformed("key_ops")),
        };
        let named = |member: &str, value: &str| jwk.get(member).and_then(Value::as_str) == Some(value);
        let material = if named("kty", "OKP") && named("crv", "X25519") {
            let x = text(&jwk, "x")?.ok_or(ImportError::MemberMissing { member: "x" })?;
            let x = from_base64url(&x).and_then(|x| x.try_into().ok());
            let x = x.ok_or(malformed("x"))?;
            if !jwe::agrees_on_x25519(&x) {
                return Err(ImportError::PointOffCurve { curve: "X25519" });
            }
            Material::X25519(x)
        } else if named("kty", "AKP") && alg.as_deref().is_some_and(|alg| alg.parse::<Algorithm>().is_err()) {
            // The `alg` says which kind of key it is.
            return Ok(None);
        } else {
            Material::Known(import::public(jwk)?)
        };
        Ok(Some(Self { kid, usage, alg, operations, material }))
    }

    pub(super) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key, ready to verify with that algorithm; none where it is of another kind or for something else.
    pub(super) fn verifier(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        let Material::Known(numbers) = &self.material else { return None };
        let says = |alg: &str| alg == algorithm.as_str() || (algorithm == Algorithm::EdDsa && alg == "Ed25519");
        let fits = self.is_for("sig", &["verify"]) && self.alg.as_deref().is_none_or(says);
        fits.then(|| numbers.parsed(algorithm)).flatten()
    }

    /// The thumbprint of a key of that algorithm; none for one that signs nothing.
    pub(super) fn thumbprint(&self, algorithm: Algorithm) -> Option<Thumbprint> {
        match &self.material {
            Material::Known(numbers) => numbers.thumbprint(algorithm).ok(),
            Material::X25519(_) => None,
        }
    }

    /// The key, ready to be encrypted to in that way; none where it is of another kind or for something else.
    pub(super) fn recipient(&self, alg: KeyManagement) -> Option<Recipient> {
        let operations: &[&str] = match alg {
            KeyManagement::RsaOaep256 => &["encrypt", "wrapKey"],
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => {
                &["deriveKey", "deriveBits"]
            }
        };
        let says = |own: &str| own == alg.as_str();
        if !self.is_for("enc", operations) || !self.alg.as_deref().is_none_or(says) {
            return None;
        }
        match &self.material {
            Material::Known(numbers) => Recipient::of(alg, numbers),
            Material::X25519(x) => Recipient::of_x25519(alg, x),
        }
    }

    /// How little it says about what it is for.
    pub(super) fn vagueness(&self) -> usize {
        usize::from(self.alg.is_none()) + usize::from(self.usage.is_none())
    }

    /// An empty list of operations says nothing: the public half of an agreement does none by itself, and some libraries
    /// write it so.
    fn is_for(&self, usage: &str, operations: &[&str]) -> bool {
        let does = |own: &Vec<String>| own.is_empty() || own.iter().any(|own| operations.contains(&own.as_str()));
        self.usage.as_deref().is_none_or(|own| own == usage) && self.operations.as_ref().is_none_or(does)
    }
}

/// A member that is text where it is there.
fn text(jwk: &Map<String, Value>, member: &'static str) -> Result<Option<String>, ImportError> {
    match jwk.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(malformed(member)),
    }
}

const fn malformed(member: &'static str) -> ImportError {
    ImportError::MemberMalformed { member, rule: "the form of RFC 7517" }
}

//! The object identifiers of keys and curves: those that are read, and those that are known well enough to be named.

use pkcs8::{
    ObjectIdentifier,
    der::{Tag, Tagged, asn1::AnyRef},
    spki::AlgorithmIdentifierRef,
};

use super::error::ImportError;
use crate::jwk::Curve;

/// RFC 8017 appendix A.1.
pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 4055 section 1.2.
pub(super) const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// RFC 5480 section 2.1.1.
pub(super) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 section 3.
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// RFC 5480 section 2.1.1.1.
const CURVES: [(ObjectIdentifier, Curve); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Curve::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521),
];

/// What people have in their drawers, and what we do not sign with.
const NAMED: [(ObjectIdentifier, &str); 20] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10040.4.1"), "a DSA key"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1"), "a Diffie-Hellman key"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.7"), "an RSA key for OAEP encryption"),
    (ObjectIdentifier::new_unwrap("1.3.101.110"), "an X25519 key"),
    (ObjectIdentifier::new_unwrap("1.3.101.111"), "an X448 key"),
    (ObjectIdentifier::new_unwrap("1.3.101.113"), "an Ed448 key"),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"), "an ML-DSA-44 key in PKCS#8 or SPKI"),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"), "an ML-DSA-65 key in PKCS#8 or SPKI"),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"), "an ML-DSA-87 key in PKCS#8 or SPKI"),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.1"), "a key on P-192"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.33"), "a key on P-224"),
    (ObjectIdentifier::new_unwrap("1.3.132.0.10"), "a key on secp256k1"),
    (ObjectIdentifier::new_unwrap("1.2.156.10197.1.301"), "a key on SM2"),
    (ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.7"), "a key on brainpoolP256r1"),
    (ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.8"), "a key on brainpoolP256t1"),
    (ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.9"), "a key on brainpoolP320r1"),
    (ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.11"), "a key on brainpoolP384r1"),
    (ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.12"), "a key on brainpoolP384t1"),
    (ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.13"), "a key on brainpoolP512r1"),
    (ObjectIdentifier::new_unwrap("1.3.36.3.3.2.8.1.1.14"), "a key on brainpoolP512t1"),
];

/// The curve of an EC key (RFC 5480 section 2.1.1).
pub(super) fn curve_of(algorithm: &AlgorithmIdentifierRef<'_>, what: &'static str) -> Result<Curve, ImportError> {
    curve_named(algorithm.parameters.ok_or(ImportError::garbled(what))?, what)
}

/// The curve that stands for itself by name. One that is spelt out could be any curve, also one on which keys can be
/// forged.
pub(super) fn curve_named(parameters: AnyRef<'_>, what: &'static str) -> Result<Curve, ImportError> {
    if parameters.tag() == Tag::Sequence {
        return Err(ImportError::unsupported("a key on a curve given by its parameters and not by its name"));
    }
    let oid: ObjectIdentifier = parameters.decode_as().map_err(|_| ImportError::garbled(what))?;
    let known = CURVES.iter().find(|(of, _)| *of == oid).map(|(_, curve)| *curve);
    known.ok_or_else(|| unsupported(oid, "a key on an unknown curve"))
}

pub(super) fn unsupported(oid: ObjectIdentifier, otherwise: &str) -> ImportError {
    let named = NAMED.iter().find(|(of, _)| *of == oid).map(|(_, name)| (*name).to_owned());
    // An identifier could be made to carry more than a name.
    let found = named.unwrap_or_else(|| {
        let digits = oid.to_string();
        if digits.len() <= 32 { format!("{otherwise} ({digits})") } else { otherwise.to_owned() }
    });
    ImportError::Unsupported { found }
}

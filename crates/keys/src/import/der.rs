//! The binary forms: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 appendix A.1), SEC 1 (RFC 5915) and SPKI (RFC 5280 section
//! 4.1.2.7).

use pkcs8::{
    PrivateKeyInfoRef, SubjectPublicKeyInfoRef,
    der::{
        Decode, Reader, SliceReader, Tag, TagNumber, Tagged,
        asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef},
    },
    spki::AlgorithmIdentifierRef,
};
use rsa::pkcs1::{RsaPrivateKey, RsaPublicKey};

use super::{
    error::ImportError,
    oid,
    unproved::{EcNumbers, EdNumbers, RsaNumbers, RsaSecret, Unproved, secret},
};
use crate::jwk::Curve;

const PKCS8: &str = "the PKCS#8 key";
const PKCS1: &str = "the PKCS#1 key";
const SEC1: &str = "the SEC 1 key";
const SPKI: &str = "the public key";

/// Which of the forms a structure has, told by the types of what it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Pkcs8,
    EncryptedPkcs8,
    Pkcs1,
    Pkcs1Public,
    Sec1,
    Spki,
    Certificate,
    Pkcs12,
}

impl Shape {
    /// None when it is no structure of which we know.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        let outer = AnyRef::from_der(der).ok().filter(|any| any.tag() == Tag::Sequence)?;
        let mut reader = SliceReader::new(outer.value()).ok()?;
        let mut tags = Vec::new();
        while !reader.is_finished() {
            tags.push(AnyRef::decode(&mut reader).ok()?.tag());
        }
        match tags.as_slice() {
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Some(Self::Pkcs8),
            [Tag::Sequence, Tag::OctetString] => Some(Self::EncryptedPkcs8),
            [Tag::Integer, Tag::Integer] => Some(Self::Pkcs1Public),
            [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Some(Self::Pkcs1),
            [Tag::Integer, Tag::OctetString, ..] => Some(Self::Sec1),
            [Tag::Sequence, Tag::BitString] => Some(Self::Spki),
            [Tag::Sequence, Tag::Sequence, Tag::BitString] => Some(Self::Certificate),
            [Tag::Integer, Tag::Sequence, Tag::Sequence] | [Tag::Integer, Tag::Sequence] => Some(Self::Pkcs12),
            _ => None,
        }
    }
}

/// PKCS#8 in the clear.
pub(super) fn pkcs8(der: &[u8]) -> Result<Unproved, ImportError> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| ImportError::garbled(PKCS8))?;
    let inner = info.private_key.as_bytes();
    match info.algorithm.oid {
        oid::RSA => pkcs1(inner),
        oid::RSA_PSS => pss_alone(&info.algorithm, pkcs1(inner)?),
        oid::EC => sec1(inner, Some(oid::curve_of(&info.algorithm, PKCS8)?)),
        oid::ED25519 => {
            // RFC 8410 section 7: an octet string within the octet string.
            let seed = <&OctetStringRef>::from_der(inner).map_err(|_| ImportError::garbled(PKCS8))?;
            let point = info.public_key.map(|bits| whole(bits, PKCS8)).transpose()?;
            Ok(Unproved::Ed25519(EdNumbers { seed: Some(secret(seed.as_bytes())), point: point.map(<[u8]>::to_vec) }))
        }
        other => Err(oid::unsupported(other, "a key of an unknown kind")),
    }
}

/// An RSA private key.
pub(super) fn pkcs1(der: &[u8]) -> Result<Unproved, ImportError> {
    let key = RsaPrivateKey::<UintRef<'_>>::from_der(der).map_err(|_| ImportError::garbled(PKCS1))?;
    if key.other_prime_infos.is_some() {
        return Err(ImportError::RsaMultiPrime);
    }
    let number = |number: UintRef<'_>| secret(number.as_bytes());
    let secret = RsaSecret {
        d: number(key.private_exponent),
        primes: Some((number(key.prime1), number(key.prime2))),
        derived: [key.exponent1, key.exponent2, key.coefficient].map(|derived| Some(number(derived))),
    };
    let (n, e) = (key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec());
    Ok(Unproved::Rsa(RsaNumbers { n, e, secret: Some(secret), pss_alone: false }))
}

/// An RSA public key.
pub(super) fn pkcs1_public(der: &[u8]) -> Result<Unproved, ImportError> {
    let key = RsaPublicKey::<UintRef<'_>>::from_der(der).map_err(|_| ImportError::garbled(PKCS1))?;
    let (n, e) = (key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec());
    Ok(Unproved::Rsa(RsaNumbers { n, e, secret: None, pss_alone: false }))
}

/// An EC private key, which names its curve itself unless what is around it does.
pub(super) fn sec1(der: &[u8], around: Option<Curve>) -> Result<Unproved, ImportError> {
    let (private, parameters, public) = sec1_parts(der).map_err(|_| ImportError::garbled(SEC1))?;
    let own = parameters.map(|parameters| oid::curve_named(parameters, SEC1)).transpose()?;
    let curve = match (around, own) {
        (Some(around), Some(own)) if around != own => return Err(ImportError::garbled(SEC1)),
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => return Err(ImportError::garbled("the SEC 1 key, which does not name its curve,")),
    };
    let point = public.map(|bits| whole(bits, SEC1)).transpose()?.map(<[u8]>::to_vec);
    Ok(Unproved::Ec(EcNumbers { curve, secret: Some(secret(private)), point }))
}

/// The private number, the curve and the point of RFC 5915 section 3.
type Sec1Parts<'a> = (&'a [u8], Option<AnyRef<'a>>, Option<BitStringRef<'a>>);

const PARAMETERS: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
const PUBLIC: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(1) };

fn sec1_parts(der: &[u8]) -> Result<Sec1Parts<'_>, pkcs8::der::Error> {
    let sequence = AnyRef::from_der(der)?;
    sequence.tag().assert_eq(Tag::Sequence)?;
    let mut reader = SliceReader::new(sequence.value())?;
    if u8::decode(&mut reader)? != 1 {
        return Err(Tag::Integer.value_error().into());
    }
    let private = <&OctetStringRef>::decode(&mut reader)?.as_bytes();
    let (mut parameters, mut public) = (None, None);
    while !reader.is_finished() {
        let tagged = AnyRef::decode(&mut reader)?;
        let tag = tagged.tag();
        if tag == PARAMETERS && parameters.is_none() {
            parameters = Some(AnyRef::from_der(tagged.value())?);
        } else if tag == PUBLIC && public.is_none() {
            public = Some(BitStringRef::from_der(tagged.value())?);
        } else {
            return Err(tag.value_error().into());
        }
    }
    Ok((private, parameters, public))
}

/// A public key of any kind.
pub(super) fn spki(der: &[u8]) -> Result<Unproved, ImportError> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| ImportError::garbled(SPKI))?;
    let inner = whole(info.subject_public_key, SPKI)?;
    match info.algorithm.oid {
        oid::RSA => pkcs1_public(inner),
        oid::RSA_PSS => pss_alone(&info.algorithm, pkcs1_public(inner)?),
        oid::EC => {
            let curve = oid::curve_of(&info.algorithm, SPKI)?;
            Ok(Unproved::Ec(EcNumbers { curve, secret: None, point: Some(inner.to_vec()) }))
        }
        oid::ED25519 => Ok(Unproved::Ed25519(EdNumbers { seed: None, point: Some(inner.to_vec()) })),
        other => Err(oid::unsupported(other, "a key of an unknown kind")),
    }
}

/// The curve that a block EC PARAMETERS names.
pub(super) fn curve_name(der: &[u8]) -> Result<Curve, ImportError> {
    const WHAT: &str = "the block EC PARAMETERS";
    oid::curve_named(AnyRef::from_der(der).map_err(|_| ImportError::garbled(WHAT))?, WHAT)
}

/// Parameters would bind the key to one hash and one length of salt; without them any PSS will do.
fn pss_alone(algorithm: &AlgorithmIdentifierRef<'_>, key: Unproved) -> Result<Unproved, ImportError> {
    match key {
        Unproved::Rsa(numbers) if algorithm.parameters.is_none() => {
            Ok(Unproved::Rsa(RsaNumbers { pss_alone: true, ..numbers }))
        }
        Unproved::Rsa(_) | Unproved::Ec(_) | Unproved::Ed25519(_) | Unproved::MlDsa(_) => {
            Err(ImportError::unsupported("an RSA-PSS key with parameters of its own"))
        }
    }
}

fn whole<'a>(bits: BitStringRef<'a>, what: &'static str) -> Result<&'a [u8], ImportError> {
    bits.as_bytes().ok_or(ImportError::garbled(what))
}

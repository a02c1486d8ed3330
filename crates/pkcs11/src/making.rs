//! Making keys that cannot be taken out, and reading their public part.

use std::ffi::c_ulong;

use chancery_domain::{key_spec::KeySpec, vocabulary::Algorithm};
use chancery_keys::custodian::PublicNumbers;
use cryptoki::{
    error::Error,
    mechanism::Mechanism,
    object::{Attribute, AttributeType, ObjectHandle},
    session::Session,
};

/// The object identifiers of the curves, in DER (RFC 5480 section 2.1.1.1).
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];
/// Ed25519 by its name, as PKCS#11 has had it first: a `PrintableString` in DER.
const EDWARDS25519: &[u8] = b"\x13\x0cedwards25519";
/// Ed25519 by its object identifier (RFC 8410 section 3), for tokens that do not know the name.
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

/// The tag of an OCTET STRING in DER.
const OCTET_STRING: u8 = 0x04;

/// Makes a pair under an id and a label. The private key is sensitive, stays in the token, and does nothing but sign.
pub(crate) fn make(session: &Session, spec: KeySpec, id: &[u8], label: &str) -> Result<PublicNumbers, Error> {
    let public = match spec.algorithm {
        Algorithm::Es256 => on_curve(session, &Mechanism::EccKeyPairGen, P256, id, label)?,
        Algorithm::Es384 => on_curve(session, &Mechanism::EccKeyPairGen, P384, id, label)?,
        Algorithm::Es512 => on_curve(session, &Mechanism::EccKeyPairGen, P521, id, label)?,
        Algorithm::EdDsa => {
            let by_name = on_curve(session, &Mechanism::EccEdwardsKeyPairGen, EDWARDS25519, id, label);
            by_name.or_else(|_| on_curve(session, &Mechanism::EccEdwardsKeyPairGen, ED25519, id, label))?
        }
        Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512 => {
            let numbers = [
                Attribute::ModulusBits(c_ulong::from(spec.rsa_bits.bits()).into()),
                Attribute::PublicExponent(vec![1, 0, 1]),
            ];
            pair(session, &Mechanism::RsaPkcsKeyPairGen, &numbers, id, label)?
        }
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => return Err(Error::NotSupported),
    };
    read(session, spec.algorithm, public)
}

fn on_curve(
    session: &Session,
    mechanism: &Mechanism<'_>,
    curve: &[u8],
    id: &[u8],
    label: &str,
) -> Result<ObjectHandle, Error> {
    pair(session, mechanism, &[Attribute::EcParams(curve.to_vec())], id, label)
}

/// The public key of a new pair.
fn pair(
    session: &Session,
    mechanism: &Mechanism<'_>,
    numbers: &[Attribute],
    id: &[u8],
    label: &str,
) -> Result<ObjectHandle, Error> {
    let named =
        [Attribute::Token(true), Attribute::Id(id.to_vec()), Attribute::Label(label.as_bytes().to_vec())].to_vec();
    let public = [&named, numbers, &[Attribute::Private(false), Attribute::Verify(true)]].concat();
    let private = [
        &named[..],
        &[
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            Attribute::Decrypt(false),
            Attribute::Unwrap(false),
            Attribute::Derive(false),
        ],
    ]
    .concat();
    session.generate_key_pair(mechanism, &public, &private).map(|(public, _)| public)
}

fn read(session: &Session, algorithm: Algorithm, public: ObjectHandle) -> Result<PublicNumbers, Error> {
    let point = |length| {
        let bytes = attribute(session, public, AttributeType::EcPoint)?;
        plain_point(&bytes, length).map(<[u8]>::to_vec).ok_or(Error::InvalidValue)
    };
    let on_curve = |size: usize| {
        let point = point(1 + 2 * size)?;
        let (x, y) = point[1..].split_at(size);
        Ok(PublicNumbers::Ec { x: x.to_vec(), y: y.to_vec() })
    };
    match algorithm {
        Algorithm::Es256 => on_curve(32),
        Algorithm::Es384 => on_curve(48),
        Algorithm::Es512 => on_curve(66),
        Algorithm::EdDsa => Ok(PublicNumbers::Plain(point(32)?)),
        Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512 => {
            let number = |of| attribute(session, public, of).map(without_zeros);
            Ok(PublicNumbers::Rsa { n: number(AttributeType::Modulus)?, e: number(AttributeType::PublicExponent)? })
        }
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => Err(Error::NotSupported),
    }
}

fn attribute(session: &Session, object: ObjectHandle, of: AttributeType) -> Result<Vec<u8>, Error> {
    match session.get_attributes(object, &[of])?.into_iter().next() {
        Some(Attribute::EcPoint(bytes) | Attribute::Modulus(bytes) | Attribute::PublicExponent(bytes)) => Ok(bytes),
        Some(_) | None => Err(Error::InvalidValue),
    }
}

/// A point as an OCTET STRING in DER, as the standard wants it, or bare, as some tokens have it.
fn plain_point(bytes: &[u8], length: usize) -> Option<&[u8]> {
    let bare = if bytes.len() == length {
        bytes
    } else {
        match bytes {
            [OCTET_STRING, 0x81, _, rest @ ..] | [OCTET_STRING, _, rest @ ..] => rest,
            _ => return None,
        }
    };
    (bare.len() == length).then_some(bare)
}

fn without_zeros(number: Vec<u8>) -> Vec<u8> {
    number.into_iter().skip_while(|byte| *byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_read_wrapped_and_bare() {
        let [p256, p521] = [vec![4; 65], vec![4; 133]];
        assert_eq!(plain_point(&p256, 65), Some(p256.as_slice()));
        assert_eq!(plain_point(&[&[4, 65], &p256[..]].concat(), 65), Some(p256.as_slice()));
        assert_eq!(plain_point(&[&[4, 0x81, 133], &p521[..]].concat(), 133), Some(p521.as_slice()));
        for bad in [&[][..], &[4], &[4, 65], &p256[..64], &p521] {
            assert_eq!(plain_point(bad, 65), None);
        }
    }

    #[test]
    fn a_number_has_no_zeros_before_it() {
        assert_eq!(without_zeros(vec![0, 0, 1, 0, 1]), [1, 0, 1]);
    }
}

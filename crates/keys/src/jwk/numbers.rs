//! The numbers of a public key, and how they are read: RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3.

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm};
use chancery_domain::{
    secret::{base64url, from_base64url},
    vocabulary::Algorithm,
};
use serde::{Deserialize, Serialize};

use crate::{
    client_certificates::{Spki, bare},
    custodian::PublicNumbers,
};

/// The numbers of a public key, each in base64url.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub(crate) enum Numbers {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { crv: Curve, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: Curve, x: String },
    #[serde(rename = "AKP")]
    Akp {
        #[serde(rename = "pub")]
        public: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Curve {
    #[serde(rename = "P-256")]
    P256,
    #[serde(rename = "P-384")]
    P384,
    #[serde(rename = "P-521")]
    P521,
    Ed25519,
}

impl Curve {
    /// Its object identifier, as the curve of a key on it (RFC 5480 section 2.1.1.1).
    const fn oid(self) -> Option<&'static str> {
        match self {
            Self::P256 => Some("1.2.840.10045.3.1.7"),
            Self::P384 => Some("1.3.132.0.34"),
            Self::P521 => Some("1.3.132.0.35"),
            Self::Ed25519 => None,
        }
    }
}

/// How the keys of an algorithm are read.
enum Scheme {
    Rsa(&'static RsaParameters),
    /// With the curve and the length of its coordinates in bytes.
    Ec(Curve, usize, &'static dyn VerificationAlgorithm),
    Ed(&'static dyn VerificationAlgorithm),
    MlDsa(&'static dyn VerificationAlgorithm),
}

impl Numbers {
    /// The numbers of a public key of that algorithm; `None` when they are those of another kind.
    pub(crate) fn of(algorithm: Algorithm, public: &PublicNumbers) -> Option<Self> {
        let numbers = match (scheme(algorithm), public) {
            (Scheme::Ec(crv, ..), PublicNumbers::Ec { x, y }) => Self::Ec { crv, x: base64url(x), y: base64url(y) },
            (Scheme::MlDsa(_), PublicNumbers::Plain(public)) => Self::Akp { public: base64url(public) },
            (_, PublicNumbers::Plain(x)) => Self::Okp { crv: Curve::Ed25519, x: base64url(x) },
            // A shorter modulus parses and then verifies nothing.
            (_, PublicNumbers::Rsa { n, e }) if n.len() >= 256 => Self::Rsa { n: base64url(n), e: base64url(e) },
            (_, PublicNumbers::Ec { .. } | PublicNumbers::Rsa { .. }) => return None,
        };
        numbers.parsed(algorithm).map(|_| numbers)
    }

    /// Whether it is the public key of a certificate.
    pub(crate) fn is(&self, key: &Spki) -> bool {
        let same = |text: &str, bytes: &[u8]| from_base64url(text).is_some_and(|number| number == bytes);
        match (self, key) {
            (Self::Rsa { n, e }, Spki::Rsa { n: modulus, e: exponent }) => {
                let number = |text: &str| from_base64url(text).map(|number| bare(&number));
                number(n).as_ref() == Some(modulus) && number(e).as_ref() == Some(exponent)
            }
            (Self::Ec { crv, x, y }, Spki::Ec { curve, point }) => {
                let (first, rest) = point.split_first().unwrap_or((&0, &[]));
                let (left, right) = rest.split_at(rest.len() / 2);
                crv.oid() == Some(curve) && *first == 4 && same(x, left) && same(y, right)
            }
            (Self::Okp { crv: Curve::Ed25519, x }, Spki::Ed25519(public)) => same(x, public),
            (Self::Rsa { .. } | Self::Ec { .. } | Self::Okp { .. } | Self::Akp { .. }, _) => false,
        }
    }

    /// The key, ready to verify with that algorithm and no other; `None` when it is of another kind.
    pub(crate) fn parsed(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match scheme(algorithm) {
            Scheme::Rsa(parameters) => {
                let Self::Rsa { n, e } = self else { return None };
                let parts = RsaPublicKeyComponents { n: from_base64url(n)?, e: from_base64url(e)? };
                parts.to_parsed_public_key(parameters).ok()
            }
            Scheme::Ec(curve, size, scheme) => {
                let Self::Ec { crv, x, y } = self else { return None };
                let (x, y) = (from_base64url(x)?, from_base64url(y)?);
                let fits = *crv == curve && x.len() == size && y.len() == size;
                fits.then(|| ParsedPublicKey::new(scheme, [vec![4], x, y].concat()).ok())?
            }
            Scheme::Ed(scheme) => {
                let Self::Okp { crv: Curve::Ed25519, x } = self else { return None };
                ParsedPublicKey::new(scheme, from_base64url(x)?).ok()
            }
            Scheme::MlDsa(scheme) => {
                let Self::Akp { public } = self else { return None };
                ParsedPublicKey::new(scheme, from_base64url(public)?).ok()
            }
        }
    }
}

/// Of ECDSA the fixed forms: a signature is r and s at full length (RFC 7518 section 3.4).
const fn scheme(algorithm: Algorithm) -> Scheme {
    match algorithm {
        Algorithm::Es256 => Scheme::Ec(Curve::P256, 32, &signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Scheme::Ec(Curve::P384, 48, &signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::Es512 => Scheme::Ec(Curve::P521, 66, &signature::ECDSA_P521_SHA512_FIXED),
        Algorithm::EdDsa => Scheme::Ed(&signature::ED25519),
        Algorithm::Rs256 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Scheme::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Scheme::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::MlDsa44 => Scheme::MlDsa(&signature::ML_DSA_44),
        Algorithm::MlDsa65 => Scheme::MlDsa(&signature::ML_DSA_65),
        Algorithm::MlDsa87 => Scheme::MlDsa(&signature::ML_DSA_87),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_kind_is_none() {
        let [short, long] = [vec![1; 31], vec![1; 32]];
        let kinds = [
            (Algorithm::Es256, PublicNumbers::Plain(long.clone())),
            (Algorithm::Es256, PublicNumbers::Rsa { n: long.clone(), e: vec![3] }),
            (Algorithm::Es256, PublicNumbers::Ec { x: short.clone(), y: long.clone() }),
            (Algorithm::Es256, PublicNumbers::Ec { x: long.clone(), y: long.clone() }),
            (Algorithm::EdDsa, PublicNumbers::Ec { x: long.clone(), y: long.clone() }),
            (Algorithm::EdDsa, PublicNumbers::Plain(short)),
            (Algorithm::Rs256, PublicNumbers::Plain(long.clone())),
            (Algorithm::Rs256, PublicNumbers::Rsa { n: vec![255; 255], e: vec![1, 0, 1] }),
            (Algorithm::MlDsa44, PublicNumbers::Plain(long)),
        ];
        for (algorithm, public) in kinds {
            assert!(Numbers::of(algorithm, &public).is_none(), "{algorithm} {public:?}");
        }
        assert!(Numbers::of(Algorithm::Rs256, &PublicNumbers::Rsa { n: vec![255; 256], e: vec![1, 0, 1] }).is_some());
    }
}

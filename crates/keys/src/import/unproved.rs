//! What every form boils down to: the numbers of a key as they were found, believed by nobody yet.

use chancery_domain::vocabulary::Algorithm;
use zeroize::Zeroizing;

use crate::jwk::Curve;

/// A secret number or seed, big-endian, wiped when it goes.
pub(super) type SecretBytes = Zeroizing<Vec<u8>>;

/// A key as found, with what its form says about it.
pub(super) struct Found {
    pub(super) numbers: Unproved,
    /// The `kid` of a JWK.
    pub(super) kid: Option<String>,
    /// The `alg` of a JWK.
    pub(super) algorithm: Option<Algorithm>,
}

/// The numbers of a key, big-endian, as they stood in the material.
pub(super) enum Unproved {
    Rsa(RsaNumbers),
    Ec(EcNumbers),
    Ed25519(EdNumbers),
    MlDsa(MlDsaNumbers),
}

pub(super) struct RsaNumbers {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
    pub(super) secret: Option<RsaSecret>,
    /// The key says of itself that it signs with PSS alone (RFC 4055 section 1.2).
    pub(super) pss_alone: bool,
}

pub(super) struct RsaSecret {
    pub(super) d: SecretBytes,
    /// p and q. A JWK may leave them out (RFC 7518 section 6.3.2).
    pub(super) primes: Option<(SecretBytes, SecretBytes)>,
    /// What follows from the others and must agree with them: d mod p-1, d mod q-1, the inverse of q mod p. Each form
    /// has some of them.
    pub(super) derived: [Option<SecretBytes>; 3],
}

pub(super) struct EcNumbers {
    pub(super) curve: Curve,
    pub(super) secret: Option<SecretBytes>,
    /// A point in the form of SEC 1 section 2.3.3. A private key alone may lack it.
    pub(super) point: Option<Vec<u8>>,
}

pub(super) struct EdNumbers {
    pub(super) seed: Option<SecretBytes>,
    pub(super) point: Option<Vec<u8>>,
}

pub(super) struct MlDsaNumbers {
    pub(super) set: MlDsaSet,
    pub(super) seed: Option<SecretBytes>,
    pub(super) public: Vec<u8>,
}

/// The parameter sets of FIPS 204.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MlDsaSet {
    Of44,
    Of65,
    Of87,
}

impl From<Unproved> for Found {
    fn from(numbers: Unproved) -> Self {
        Self { numbers, kid: None, algorithm: None }
    }
}

pub(super) fn secret(bytes: &[u8]) -> SecretBytes {
    Zeroizing::new(bytes.to_vec())
}

/// A number without the zeros in front.
pub(super) fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

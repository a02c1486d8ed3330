//! RSA keys (RFC 8017 section 3). The `rsa` crate checks and writes the numbers here, and never signs.

use chancery_domain::secret::base64url;
use rsa::{
    BoxedUint, Error, RsaPrivateKey,
    pkcs1::{self, EncodeRsaPrivateKey, UintRef, der::Decode},
};

use super::{
    super::{
        error::ImportError,
        kind::Kind,
        unproved::{RsaNumbers, RsaSecret, trimmed},
    },
    Proved, encoded,
};
use crate::jwk::Numbers;

mod weak;

/// RFC 7518 sections 3.3 and 3.5 ask for 2048 at least; beyond 8192 nobody verifies.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// FIPS 186-5 section 5.4 asks for more than 2^16; beyond 2^33 verifying costs too much for many libraries.
const EXPONENTS: std::ops::Range<u64> = 65_537..1 << 33;

pub(super) fn prove(key: &RsaNumbers) -> Result<Proved, ImportError> {
    let (modulus, public) = (trimmed(&key.n), trimmed(&key.e));
    size(modulus)?;
    exponent(public)?;
    if weak::is_of_infineon(modulus) {
        return Err(ImportError::RsaWeak { weakness: weak::INFINEON });
    }
    let pkcs8 = match &key.secret {
        Some(secret) => Some(encoded(&private(modulus, public, secret)?)?),
        None => None,
    };
    let kind = if key.pss_alone { Kind::RsaPss } else { Kind::Rsa };
    Ok(Proved { kind, numbers: Numbers::Rsa { n: base64url(modulus), e: base64url(public) }, pkcs8 })
}

fn size(n: &[u8]) -> Result<(), ImportError> {
    let bits = bits(n);
    if !BITS.contains(&bits) {
        return Err(ImportError::RsaSize { bits });
    }
    if n.last().is_none_or(|last| last & 1 == 0) {
        return Err(ImportError::RsaModulusEven);
    }
    Ok(())
}

/// How long a number without zeros in front is.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| 8 * number.len() - first.leading_zeros() as usize)
}

fn exponent(e: &[u8]) -> Result<(), ImportError> {
    let value = e.len() <= 8;
    let value = value.then(|| e.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)));
    match value {
        Some(e) if EXPONENTS.contains(&e) && e % 2 == 1 => Ok(()),
        Some(e) => Err(ImportError::RsaExponent { exponent: e.to_string() }),
        None => Err(ImportError::RsaExponent { exponent: format!("a number of {} bits", bits(e)) }),
    }
}

fn private(modulus: &[u8], public: &[u8], secret: &RsaSecret) -> Result<RsaPrivateKey, ImportError> {
    let wrong = |wrong| ImportError::RsaInconsistent { wrong };
    let exponent = trimmed(&secret.d);
    // A short private exponent can be computed from the public key; a long one is not reduced.
    if 2 * bits(exponent) <= bits(modulus) || exponent.len() > modulus.len() {
        return Err(wrong("private exponent is of the wrong length"));
    }
    let primes = match &secret.primes {
        Some((p, q)) => {
            let halves = bits(modulus).div_ceil(2);
            let primes = [trimmed(p), trimmed(q)];
            if primes.iter().any(|prime| bits(prime) != halves) {
                return Err(wrong("primes are not half as long as the modulus"));
            }
            primes.iter().map(|prime| number(prime, modulus)).collect()
        }
        None => Vec::new(),
    };
    let of = |part| number(part, modulus);
    let key = RsaPrivateKey::from_components(of(modulus), number(public, public), of(exponent), primes);
    let key = key.map_err(|error| {
        wrong(if let Error::InvalidModulus = error {
            "modulus is not the product of its primes"
        } else {
            "private exponent does not belong to the public one"
        })
    })?;
    derived(&key, secret)?;
    if weak::has_primes_close_together(&key) {
        return Err(ImportError::RsaWeak { weakness: weak::CLOSE });
    }
    Ok(key)
}

/// A number with room for another one.
fn number(number: &[u8], room: &[u8]) -> BoxedUint {
    let room = u32::try_from(8 * room.len()).unwrap_or(u32::MAX);
    BoxedUint::from_be_slice_truncated(number, room)
}

/// What follows from the other numbers is computed again and compared.
fn derived(key: &RsaPrivateKey, secret: &RsaSecret) -> Result<(), ImportError> {
    const WRONG: ImportError =
        ImportError::RsaInconsistent { wrong: "exponents or coefficient for the primes are wrong" };
    let own = key.to_pkcs1_der().map_err(|_| WRONG)?;
    let own = pkcs1::RsaPrivateKey::<UintRef<'_>>::from_der(own.as_bytes()).map_err(|_| WRONG)?;
    let own = [own.exponent1, own.exponent2, own.coefficient];
    let fits = own
        .iter()
        .zip(&secret.derived)
        .all(|(own, given)| given.as_ref().is_none_or(|given| trimmed(own.as_bytes()) == trimmed(given)));
    if fits { Ok(()) } else { Err(WRONG) }
}

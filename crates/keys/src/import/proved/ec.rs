//! Keys on the NIST curves (SEC 1 section 3.2).

use chancery_domain::secret::base64url;
use p256::elliptic_curve::sec1::ToSec1Point;
use zeroize::Zeroizing;

use super::{
    super::{
        error::ImportError,
        kind::{Kind, curve_name},
        unproved::{EcNumbers, trimmed},
    },
    Proved, encoded,
};
use crate::jwk::{Curve, Numbers};

pub(super) fn prove(key: &EcNumbers) -> Result<Proved, ImportError> {
    match key.curve {
        Curve::P256 => on_curve!(p256, 32, key),
        Curve::P384 => on_curve!(p384, 48, key),
        Curve::P521 => on_curve!(p521, 66, key),
        Curve::Ed25519 => Err(ImportError::unsupported("an EC key on Ed25519, which takes OKP keys")),
    }
}

/// The three crates of the NIST curves have the same shape and no common trait that says so.
macro_rules! on_curve {
    ($krate:ident, $bytes:literal, $key:expr) => {{
        let curve = curve_name($key.curve);
        let off_curve = ImportError::PointOffCurve { curve };
        let given = $key.point.as_deref().map($krate::PublicKey::from_sec1_bytes).transpose().map_err(|_| off_curve)?;
        let secret = match &$key.secret {
            Some(number) => {
                let number = full_length::<$bytes>(number).ok_or(ImportError::ScalarOutOfRange { curve })?;
                let secret = $krate::SecretKey::from_slice(number.as_slice());
                Some(secret.map_err(|_| ImportError::ScalarOutOfRange { curve })?)
            }
            None => None,
        };
        let public = match (&secret, given) {
            (Some(secret), Some(given)) if secret.public_key() != given => return Err(ImportError::PublicMismatch),
            (Some(secret), _) => secret.public_key(),
            (None, Some(given)) => given,
            (None, None) => return Err(ImportError::PointOffCurve { curve }),
        };
        let point = public.to_sec1_point(false);
        // SEC 1 section 2.3.3: 04, then x and y at full length.
        let (x, y) = point.as_bytes()[1..].split_at($bytes);
        let numbers = Numbers::Ec { crv: $key.curve, x: base64url(x), y: base64url(y) };
        Ok(Proved { kind: Kind::On($key.curve), numbers, pkcs8: secret.as_ref().map(encoded).transpose()? })
    }};
}
use on_curve;

/// RFC 5915 wants the number at full length; not every tool has kept to it.
fn full_length<const BYTES: usize>(number: &[u8]) -> Option<Zeroizing<[u8; BYTES]>> {
    let number = trimmed(number);
    let mut full = Zeroizing::new([0; BYTES]);
    let start = BYTES.checked_sub(number.len())?;
    full[start..].copy_from_slice(number);
    Some(full)
}

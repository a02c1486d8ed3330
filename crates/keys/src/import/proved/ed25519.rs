//! Keys on Ed25519 (RFC 8032 section 5.1.5).

use chancery_domain::secret::base64url;
use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::{
    super::{
        error::ImportError,
        kind::{Kind, curve_name},
        unproved::EdNumbers,
    },
    Proved, encoded,
};
use crate::jwk::{Curve, Numbers};

const BROKEN: ImportError = ImportError::garbled("the Ed25519 key");
const NO_POINT: ImportError = ImportError::PointOffCurve { curve: curve_name(Curve::Ed25519) };

pub(super) fn prove(key: &EdNumbers) -> Result<Proved, ImportError> {
    let secret = match &key.seed {
        Some(seed) => {
            let seed = Zeroizing::new(<[u8; 32]>::try_from(seed.as_slice()).map_err(|_| BROKEN)?);
            Some(SigningKey::from_bytes(&seed))
        }
        None => None,
    };
    let given = match &key.point {
        Some(point) => {
            let point = <[u8; 32]>::try_from(point.as_slice()).map_err(|_| BROKEN)?;
            let point = VerifyingKey::from_bytes(&point).map_err(|_| NO_POINT)?;
            // A point of small order verifies what nobody has signed.
            Some(point).filter(|point| !point.is_weak()).map_or(Err(NO_POINT), |point| Ok(Some(point)))?
        }
        None => None,
    };
    let public = match (&secret, given) {
        (Some(secret), Some(given)) if secret.verifying_key() != given => return Err(ImportError::PublicMismatch),
        (Some(secret), _) => secret.verifying_key(),
        (None, Some(given)) => given,
        (None, None) => return Err(NO_POINT),
    };
    let numbers = Numbers::Okp { crv: Curve::Ed25519, x: base64url(public.as_bytes()) };
    Ok(Proved { kind: Kind::On(Curve::Ed25519), numbers, pkcs8: secret.as_ref().map(encoded).transpose()? })
}

//! A key whose numbers are known to be right.

use pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

use super::{error::ImportError, kind::Kind, unproved::Unproved};
use crate::jwk::Numbers;

mod ec;
mod ed25519;
mod ml_dsa;
mod rsa;

/// Numbers in their one canonical form.
pub(super) struct Proved {
    pub(super) kind: Kind,
    pub(super) numbers: Numbers,
    /// PKCS#8 as we write it ourselves, whatever the form was; none of a public key.
    pub(super) pkcs8: Option<Zeroizing<Vec<u8>>>,
}

impl Proved {
    /// Checks all that can be checked without signing.
    pub(super) fn of(numbers: Unproved) -> Result<Self, ImportError> {
        match numbers {
            Unproved::Rsa(numbers) => rsa::prove(&numbers),
            Unproved::Ec(numbers) => ec::prove(&numbers),
            Unproved::Ed25519(numbers) => ed25519::prove(&numbers),
            Unproved::MlDsa(numbers) => ml_dsa::prove(&numbers),
        }
    }
}

fn encoded(secret: &impl EncodePrivateKey) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    // Numbers that are of one key can always be written.
    secret.to_pkcs8_der().map(|document| document.to_bytes()).map_err(|_| ImportError::DoesNotSign)
}

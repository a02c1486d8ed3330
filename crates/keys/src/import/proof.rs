//! The last word on a key is a signature: what it signs must verify with what will be published of it.

use chancery_domain::{
    id::KeyId,
    vocabulary::{Algorithm, TokenType},
};

use super::error::ImportError;
use crate::{
    jwk::{Jwk, Numbers},
    jws::{
        sign::Signer,
        verify::{Presented, Verifier},
    },
};

/// Signs and verifies once, with the very machinery that will use the key.
pub(super) fn signs_and_verifies(algorithm: Algorithm, pkcs8: &[u8], numbers: &Numbers) -> Result<(), ImportError> {
    attempt(algorithm, Some(pkcs8), numbers).ok_or(ImportError::DoesNotSign)
}

/// Loads the public key as a verifier would.
pub(super) fn can_verify(algorithm: Algorithm, numbers: &Numbers) -> Result<(), ImportError> {
    attempt(algorithm, None, numbers).ok_or(ImportError::DoesNotSign)
}

fn attempt(algorithm: Algorithm, pkcs8: Option<&[u8]>, numbers: &Numbers) -> Option<()> {
    let kid: KeyId = "imported".parse().ok()?;
    let key = Jwk::new(kid.clone(), algorithm, numbers.clone()).parsed()?;
    let verifier = Verifier { algorithm, key, published: true };
    let Some(pkcs8) = pkcs8 else { return Some(()) };
    let signer = Signer::new(&kid, algorithm, pkcs8).ok()?;
    let token = signer.sign(TokenType::AccessToken, b"{}").ok()?;
    Presented::read(&token).ok()?.claims(TokenType::AccessToken, &verifier).ok().map(|_| ())
}

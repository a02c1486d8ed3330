//! The last word on a key is a signature: what it signs must verify with what will be published of it.

use chancery_domain::{id::KeyId, vocabulary::Algorithm};

use super::error::ImportError;
use crate::{
    custodian::PrivateKey,
    jwk::{Jwk, Numbers},
    jws::hot_key::HotKey,
};

/// What is signed to see whether it verifies.
const MESSAGE: &[u8] = b"a key signs what it will be believed for";

/// Signs and verifies once, with the very machinery that will use the key. Gives its thumbprint.
pub(super) fn signs_and_verifies(algorithm: Algorithm, pkcs8: &[u8], numbers: &Numbers) -> Result<String, ImportError> {
    attempt(algorithm, Some(pkcs8), numbers).ok_or(ImportError::DoesNotSign)
}

/// Loads the public key as a verifier would. Gives its thumbprint.
pub(super) fn can_verify(algorithm: Algorithm, numbers: &Numbers) -> Result<String, ImportError> {
    attempt(algorithm, None, numbers).ok_or(ImportError::DoesNotSign)
}

fn attempt(algorithm: Algorithm, pkcs8: Option<&[u8]>, numbers: &Numbers) -> Option<String> {
    let public = numbers.parsed(algorithm)?;
    if let Some(pkcs8) = pkcs8 {
        let signature = HotKey::load(algorithm, pkcs8).ok()?.sign(MESSAGE).ok()?;
        public.verify_sig(MESSAGE, &signature).ok()?;
    }
    let kid: KeyId = "imported".parse().ok()?;
    Jwk::new(kid, algorithm, numbers.clone()).thumbprint().ok()
}

#[cfg(test)]
mod tests {
    use super::{super::ImportedKey, *};

    #[test]
    fn a_key_that_signs_for_another_is_found_out() {
        let numbers = |jwk: &[u8]| match super::super::read(jwk, None, None).expect("a key").into_key() {
            ImportedKey::Public(key) => key.numbers,
            ImportedKey::Pair(_) => panic!("a public key"),
        };
        let own = numbers(include_bytes!("../../tests/fixtures/import/ed25519/spki.pem"));
        let other = numbers(br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#);
        let pkcs8 = include_bytes!("../../tests/fixtures/import/ed25519/pkcs8.der");
        let thumbprint = include_str!("../../tests/fixtures/import/ed25519/thumbprint");
        assert_eq!(signs_and_verifies(Algorithm::EdDsa, pkcs8, &own).as_deref(), Ok(thumbprint));
        assert_eq!(signs_and_verifies(Algorithm::EdDsa, pkcs8, &other), Err(ImportError::DoesNotSign));
        assert_eq!(signs_and_verifies(Algorithm::Es256, pkcs8, &own), Err(ImportError::DoesNotSign));
        assert_eq!(can_verify(Algorithm::Rs256, &own), Err(ImportError::DoesNotSign));
    }
}

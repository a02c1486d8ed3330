//! Random texts that are handed out, and the digests that are kept of them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::{TryRng, rngs::SysRng};
use sha2::{Digest, Sha256};

use crate::error::SignInError;

/// 256 random bits as text.
pub(crate) fn random() -> Result<String, SignInError> {
    let mut bytes = [0; 32];
    SysRng.try_fill_bytes(&mut bytes).map_err(|_| SignInError::Unavailable("there is no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 as text: what stands for a random text where it must not stand itself, and the S256 of PKCE (RFC 7636
/// section 4.2).
pub(crate) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_that_of_the_specification() {
        // RFC 7636 appendix B.
        let challenge = sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_are_alike() {
        let (one, other) = (random().expect("random"), random().expect("random"));
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }
}

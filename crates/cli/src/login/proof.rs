//! What only this process knows: the verifier of PKCE (RFC 7636) and the state.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Random texts of one attempt to sign in.
pub(super) struct Proof {
    state: String,
    verifier: String,
    challenge: String,
}

impl Proof {
    /// 256 random bits each.
    pub(super) fn new() -> Self {
        let random = || URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Self::of(random(), random())
    }

    fn of(state: String, verifier: String) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        Self { state, verifier, challenge }
    }

    pub(super) fn state(&self) -> &str {
        &self.state
    }

    pub(super) fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The challenge by S256.
    pub(super) fn challenge(&self) -> &str {
        &self.challenge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of RFC 7636 appendix B.
    #[test]
    fn a_challenge_is_the_hash_of_its_verifier() {
        let proof = Proof::of(String::new(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(proof.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let [one, other] = [Proof::new(), Proof::new()];
        assert!(one.state() != other.state() && one.verifier() != other.verifier() && one.verifier().len() == 43);
    }
}

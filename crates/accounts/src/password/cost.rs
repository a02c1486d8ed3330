//! What one password hash costs us, and an attacker.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{
        self,
        phc::{Output, ParamsString, PasswordHash as Phc, Salt},
    },
};
use chancery_domain::{fault::Fault, secret::Secret, user::PasswordHash};

/// The parameters of Argon2id (RFC 9106 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory for one hash, in KiB.
    pub memory: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// What we ask for: 19 MiB, two passes, one lane.
    pub const STANDARD: Self = Self { memory: 19 * 1024, passes: 2, lanes: 1 };

    /// As little as Argon2 allows. For tests alone: it protects nobody.
    pub const LEAST: Self = Self { memory: 8, passes: 1, lanes: 1 };

    /// The hash of a password under a salt of its own.
    pub(super) fn hash(self, password: &Secret, salt: &[u8; 16]) -> Result<PasswordHash, Fault> {
        // The text goes into the hash function.
        let phc = self.argon2()?.hash_password_with_salt(password.expose().as_bytes(), salt).map_err(broken)?;
        Ok(PasswordHash::new(phc.to_string()))
    }

    /// A hash of this cost that no password has. Verifying against it takes as long as against a real one.
    pub(super) fn dummy(self) -> Result<PasswordHash, Fault> {
        let phc = Phc {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params()?).map_err(broken)?,
            salt: Some(Salt::new(&[0; 16]).map_err(broken)?),
            hash: Some(Output::new(&[0; Params::DEFAULT_OUTPUT_LEN]).map_err(broken)?),
        };
        Ok(PasswordHash::new(phc.to_string()))
    }

    fn argon2(self) -> Result<Argon2<'static>, Fault> {
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params()?))
    }

    fn params(self) -> Result<Params, Fault> {
        Params::new(self.memory, self.passes, self.lanes, None).map_err(broken)
    }
}

impl Default for Cost {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Whether the password is the one that was hashed. The cost is that of the hash.
pub(super) fn verify(password: &Secret, hash: &PasswordHash) -> Result<bool, Fault> {
    let phc = Phc::new(hash.phc()).map_err(broken)?;
    // The text goes into the hash function.
    match Argon2::default().verify_password(password.expose().as_bytes(), &phc) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(broken(error)),
    }
}

fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::broken("a password could not be hashed", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_hash_says_how_it_was_made() {
        let hash = Cost::STANDARD.hash(&secret("correct horse"), &[7; 16]).expect("hashes");
        assert!(hash.phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.phc());
        let dummy = Cost::STANDARD.dummy().expect("made");
        assert_eq!(dummy.phc().len(), hash.phc().len());
    }

    #[test]
    fn passwords_that_differ_anywhere_stay_different() {
        let long = format!("{}a", "x".repeat(1000));
        let composed = "caf\u{e9} au lait";
        for password in [long.as_str(), composed, "nul\0inside", " padded ", "CaseMatters"] {
            let hash = Cost::LEAST.hash(&secret(password), &[7; 16]).expect("hashes");
            assert!(verify(&secret(password), &hash).expect("verifies"));
            for other in [
                format!("{}b", "x".repeat(1000)),
                "cafe\u{301} au lait".to_owned(),
                "nul".to_owned(),
                password.trim().to_uppercase(),
                "padded".to_owned(),
                "casematters".to_owned(),
            ] {
                assert!(!verify(&secret(&other), &hash).expect("verifies"));
            }
        }
    }
}

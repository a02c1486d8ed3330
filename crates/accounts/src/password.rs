//! Passwords: what they may be, and the gate behind which they are hashed.
//!
//! A password is compared as the bytes that were given: nothing is trimmed, folded, cut or brought into a Unicode
//! normal form, so that passwords that differ anywhere stay different. At rest there is an Argon2id hash (RFC 9106).

mod cost;
mod gate;

use chancery_domain::{fault::Malformed, secret::Secret};

pub use self::{
    cost::Cost,
    gate::{GateError, PasswordGate},
};

/// The longest password, in bytes. Longer ones are refused before anything is hashed.
pub const LONGEST: usize = 1024;

/// The shortest password, in bytes.
pub const SHORTEST: usize = 8;

/// Whether that may become somebody's password.
pub fn check_policy(password: &Secret) -> Result<(), Malformed> {
    // Its length alone is looked at here.
    if (SHORTEST..=LONGEST).contains(&password.expose().len()) {
        Ok(())
    } else {
        Err(Malformed::new("password", "must be 8 to 1024 bytes of UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_neither_short_nor_endless() {
        let check = |text: &str| check_policy(&Secret::new(text.to_owned()));
        for good in ["12345678", "ünïcödé", " spaces ", &"x".repeat(64), &"x".repeat(1024)] {
            assert!(check(good).is_ok());
        }
        for bad in ["", "1234567", &"x".repeat(1025)] {
            assert!(check(bad).is_err());
        }
    }
}

//! How long a key is, as its public part tells.

use chancery_domain::{key::Key, secret::from_base64url};
use serde::Deserialize;

/// The members of a JWK that tell its size (RFC 7518 section 6).
#[derive(Deserialize)]
struct Members {
    n: Option<String>,
    crv: Option<String>,
}

/// The bits of an RSA key's modulus, or of the field of a curve. `None` for a key that has neither.
#[must_use]
pub fn bits(key: &Key) -> Option<u32> {
    let members: Members = serde_json::from_str(&key.public_jwk).ok()?;
    match (members.n, members.crv.as_deref()) {
        (Some(modulus), _) => length(&from_base64url(&modulus)?),
        (None, Some("P-256" | "Ed25519")) => Some(256),
        (None, Some("P-384")) => Some(384),
        (None, Some("P-521")) => Some(521),
        (None, Some(_) | None) => None,
    }
}

/// The place of the first bit that is set.
fn length(number: &[u8]) -> Option<u32> {
    let digits: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
    let whole = u32::try_from(digits.len()).ok()?.checked_mul(8)?;
    digits.first().map(|first| whole - first.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_long_as_its_first_bit_says() {
        assert_eq!(length(&[0x80, 0]), Some(16));
        assert_eq!(length(&[0, 1, 0]), Some(9));
        assert_eq!(length(&[0, 0]), None);
    }
}

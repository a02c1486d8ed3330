//! What kind of key is asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{fault::Malformed, vocabulary::Algorithm};

/// The sizes that an RSA modulus may have. Smaller ones are broken, larger ones slow without need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum RsaBits {
    /// 2048 bits, which everybody verifies.
    #[default]
    Rsa2048,
    /// 3072 bits: a signature takes three times as long.
    Rsa3072,
    /// 4096 bits: a signature takes seven times as long.
    Rsa4096,
}

impl RsaBits {
    /// Every size.
    pub const ALL: [Self; 3] = [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096];

    /// The size in bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }
}

impl TryFrom<u32> for RsaBits {
    type Error = Malformed;

    fn try_from(bits: u32) -> Result<Self, Malformed> {
        let found = Self::ALL.into_iter().find(|size| size.bits() == bits);
        found.ok_or(Malformed::new("RSA key size", "must be 2048, 3072 or 4096 bits"))
    }
}

impl From<RsaBits> for u32 {
    fn from(size: RsaBits) -> Self {
        size.bits()
    }
}

/// The kind of key that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeySpec {
    /// What it will sign with.
    pub algorithm: Algorithm,
    /// The size of its modulus, where it has one.
    pub rsa_bits: RsaBits,
}

impl From<Algorithm> for KeySpec {
    /// A key of the usual size.
    fn from(algorithm: Algorithm) -> Self {
        Self { algorithm, rsa_bits: RsaBits::default() }
    }
}

impl fmt::Display for KeySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.algorithm)?;
        if self.algorithm.is_rsa() { write!(f, " of {} bits", self.rsa_bits.bits()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_one_of_three() {
        for size in RsaBits::ALL {
            let json = serde_json::to_string(&size).expect("JSON");
            assert_eq!(json, size.bits().to_string());
            assert_eq!(serde_json::from_str::<RsaBits>(&json).expect("a size"), size);
        }
        for weak in ["1024", "2047", "8192", "0", "\"2048\""] {
            assert!(serde_json::from_str::<RsaBits>(weak).is_err(), "{weak}");
        }
    }

    #[test]
    fn a_spec_says_what_counts() {
        assert_eq!(KeySpec::from(Algorithm::Es256).to_string(), "ES256");
        assert_eq!(
            KeySpec { algorithm: Algorithm::Ps256, rsa_bits: RsaBits::Rsa4096 }.to_string(),
            "PS256 of 4096 bits"
        );
    }
}

//! One word that lets in whoever has it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An API key or a token: one word of ASCII. Cannot be printed; written to the file of contexts alone.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret(String);

impl Secret {
    /// The word itself, to be sent or stored.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "" => Err("must not be empty"),
            word if word.bytes().all(|b| b.is_ascii_graphic()) => Ok(Self(word.to_owned())),
            _ => Err("must be one word of ASCII characters"),
        }
    }
}

impl TryFrom<String> for Secret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_word() {
        for bad in ["", " \n", "two words", "kéy"] {
            assert!(bad.parse::<Secret>().is_err(), "{bad:?}");
        }
        assert_eq!("word\n".parse(), Ok(Secret("word".to_owned())));
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret("hush".to_owned())), "Secret(..)");
    }
}

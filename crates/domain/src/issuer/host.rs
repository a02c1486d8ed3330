//! A host that a tenant has for itself.

use std::{fmt, str::FromStr};

use crate::fault::Malformed;

/// A host that is the issuer of one tenant: a DNS name of two labels at least, in small letters, without a port (RFC
/// 1123 section 2.1). Names in other scripts are given in their ASCII form (`xn--`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IssuerHost(String);

impl IssuerHost {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerHost {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(legal)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // What ends in a number is an address of IPv4 to some readers.
        let named = text.rsplit('.').next().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
        if text.len() <= 253 && text.contains('.') && text.split('.').all(label) && named {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed::new("issuer_host", "must be a host name in small letters such as login.customer.example"))
        }
    }
}

impl fmt::Display for IssuerHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_plain_name() {
        for good in ["login.customer.example", "a.b", "xn--bcher-kva.example", "acme.localhost", "1.example"] {
            assert!(good.parse::<IssuerHost>().is_ok(), "{good}");
        }
        let long = format!("{}.example", "a".repeat(64));
        for bad in [
            "",
            "localhost",
            "Login.example",
            "login.example.",
            ".example",
            "a..b",
            "-a.example",
            "a-.example",
            "a_b.c",
            "login.example:443",
            "https://login.example",
            "127.0.0.1",
            "10.1",
            "[::1]",
            "a b.c",
            "b\u{fc}cher.example",
            &long,
        ] {
            assert!(bad.parse::<IssuerHost>().is_err(), "{bad}");
        }
    }
}

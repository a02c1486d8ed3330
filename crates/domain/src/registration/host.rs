//! The hosts of the software that may register itself.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::fault::Malformed;

/// A host that clients which register themselves may lead to: itself, or behind a leading dot every host below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistrableHost(String);

impl RegistrableHost {
    /// Whether the URI lies there, on whatever port.
    #[must_use]
    pub fn has(&self, uri: &str) -> bool {
        let url = Url::parse(uri).ok();
        let Some(host) = url.as_ref().and_then(Url::host_str) else { return false };
        // What ends in the entry with its dot is below it: no other host ends so.
        if self.0.starts_with('.') { host.ends_with(&self.0) } else { host == self.0 }
    }
}

impl FromStr for RegistrableHost {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rule = Malformed::new(
            "hosts",
            "must be hosts as they stand in URIs, such as app.example, or .app.example for every host below it",
        );
        let host = text.strip_prefix('.').unwrap_or(text);
        let url = Url::parse(&format!("https://{host}/")).map_err(|_| rule.clone())?;
        let is_name = url.domain().is_some();
        // Browsers take more for a name than anybody has.
        let plain = host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_:[]".contains(&b));
        let same = plain && url.host_str() == Some(host) && url.port().is_none();
        // Below an address there is nothing, and a domain of one label is everybody's.
        let below = !text.starts_with('.') || (is_name && host.contains('.'));
        if same && below { Ok(Self(text.to_owned())) } else { Err(rule) }
    }
}

impl TryFrom<String> for RegistrableHost {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<RegistrableHost> for String {
    fn from(host: RegistrableHost) -> Self {
        host.0
    }
}

impl fmt::Display for RegistrableHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> RegistrableHost {
        text.parse().expect("a host")
    }

    #[test]
    fn an_entry_is_a_host_or_all_below_it() {
        for good in ["app.example", ".app.example", "localhost", "127.0.0.1", "[::1]", "xn--bcher-kva.example"] {
            assert_eq!(host(good).to_string(), good);
        }
        for bad in [
            "",
            ".",
            ".example",
            "*",
            "*.app.example",
            "App.example",
            "app.example:8443",
            "https://app.example",
            "a b",
            ".127.0.0.1",
            "u@app.example",
            "app.example/x",
        ] {
            assert!(bad.parse::<RegistrableHost>().is_err(), "{bad}");
        }
    }

    #[test]
    fn t005_a_look_alike_lies_elsewhere() {
        let exact = host("app.example");
        assert!(exact.has("https://app.example/cb") && exact.has("https://app.example:8443/cb"));
        for other in [
            "https://app.example.evil.example/",
            "https://evilapp.example/",
            "https://x.app.example/",
            "com.example.app:/cb",
            "https://evil.example/app.example",
            "https://app.example@evil.example/",
        ] {
            assert!(!exact.has(other), "{other}");
        }
        let below = host(".app.example");
        assert!(below.has("https://x.app.example/cb") && below.has("https://y.x.app.example/cb"));
        for other in ["https://app.example/", "https://evilapp.example/", "https://x.app.example.evil.example/"] {
            assert!(!below.has(other), "{other}");
        }
    }
}

//! Redirect URIs: registered with care, matched byte for byte.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::{client::ClientKind, fault::Malformed, plain_host};

/// A URI that a client registered as a place for answers (RFC 9700 section 2.1, RFC 8252 section 7).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

const WHAT: &str = "redirect URI";

impl RedirectUri {
    /// Reads a URI that is to be registered. The longest is 2048 bytes.
    pub fn register(text: &str, kind: ClientKind) -> Result<Self, Malformed> {
        if text.len() > 2048 || !text.bytes().all(|b| b.is_ascii_graphic()) || text.contains('\\') {
            return Err(Malformed::new(WHAT, "must be at most 2048 printable ASCII characters without a backslash"));
        }
        if text.contains('*') {
            return Err(Malformed::new(WHAT, "must not hold a wildcard"));
        }
        if text.contains('#') {
            return Err(Malformed::new(WHAT, "must not have a fragment (RFC 6749 section 3.1.2)"));
        }
        let url = Url::parse(text).map_err(|_| Malformed::new(WHAT, "must be an absolute URI"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Malformed::new(WHAT, "must not have user-info"));
        }
        if url.query_pairs().any(|(name, _)| is_ours(&name)) {
            return Err(Malformed::new(WHAT, "must not have code, state, iss, error or response in its own query"));
        }
        if !plain_host::has_plain_host(&url) {
            return Err(Malformed::new(WHAT, plain_host::RULE));
        }
        match (url.scheme(), kind) {
            ("https", _) if url.host_str().is_some() => Ok(Self(text.to_owned())),
            ("http", _) if is_loopback(&url) => Ok(Self(text.to_owned())),
            ("http" | "https", _) => Err(Malformed::new(WHAT, "must be https, or http on a loopback address")),
            (scheme, ClientKind::Native) if scheme.contains('.') => Ok(Self(text.to_owned())),
            (_, ClientKind::Native) => {
                Err(Malformed::new(WHAT, "must use https, loopback http, or a private-use scheme with a dot"))
            }
            (_, ClientKind::Web | ClientKind::Service) => {
                Err(Malformed::new(WHAT, "must use https or loopback http; private-use schemes are for native clients"))
            }
        }
    }

    /// Whether `asked` is this URI: the same bytes, but for the port of a native client's loopback URI.
    #[must_use]
    pub fn admits(&self, asked: &str, kind: ClientKind) -> bool {
        match kind {
            ClientKind::Web | ClientKind::Service => self.0 == asked,
            ClientKind::Native => self.0 == asked || self.admits_loopback_port(asked),
        }
    }

    /// RFC 8252 section 7.3: any port, and nothing else may differ. Compared as text, so no spelling slips through.
    fn admits_loopback_port(&self, asked: &str) -> bool {
        match (split_loopback(&self.0), split_loopback(asked)) {
            (Some((host, rest)), Some((asked_host, asked_rest))) => host == asked_host && rest == asked_rest,
            _ => false,
        }
    }

    /// The URI as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedirectUri({})", self.0)
    }
}

fn is_ours(name: &str) -> bool {
    matches!(name, "code" | "state" | "iss" | "error" | "error_description" | "error_uri" | "response")
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Splits `http://127.0.0.1:PORT/rest` into host and rest, where the host is spelt exactly so and the port is one.
fn split_loopback(text: &str) -> Option<(&'static str, &str)> {
    let after = text.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| after.starts_with(host))?;
    let tail = &after[host.len()..];
    let Some(with_port) = tail.strip_prefix(':') else {
        return (tail.is_empty() || tail.starts_with(['/', '?'])).then_some((host, tail));
    };
    let end = with_port.find(['/', '?']).unwrap_or(with_port.len());
    let port = &with_port[..end];
    let fits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0);
    fits.then_some((host, &with_port[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_refuses_what_could_hurt() {
        let bad = [
            "http://app.example/cb",
            "https://app.example/cb#x",
            "https://user@app.example/cb",
            "https://*.example/cb",
            "https://app.example/cb?code=1",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/cb",
            "/cb",
            "https://app.example\\@evil/cb",
            "http://127.0.0.1.evil/cb",
        ];
        for uri in bad {
            assert!(RedirectUri::register(uri, ClientKind::Native).is_err(), "{uri}");
        }
        assert!(RedirectUri::register("com.example.app:/cb", ClientKind::Web).is_err());
        assert!(RedirectUri::register("com.example.app:/cb", ClientKind::Native).is_ok());
        assert!(RedirectUri::register("https://app.example/cb?x=1", ClientKind::Web).is_ok());
    }

    #[test]
    fn t186_a_host_holds_nothing_that_means_something_in_a_policy() {
        for host in
            ["app.example;x", "app.example,x", "app'x.example", "app.example%3Bx", "app.example%2Cx", "a&b", "a=b"]
        {
            for scheme in ["https", "http"] {
                let uri = format!("{scheme}://{host}/cb");
                assert!(RedirectUri::register(&uri, ClientKind::Native).is_err(), "{uri}");
            }
        }
        for good in ["https://my_app.example-1.test:8443/cb;x,y", "http://[::1]:8080/cb", "https://192.0.2.1/"] {
            assert!(RedirectUri::register(good, ClientKind::Web).is_ok(), "{good}");
        }
    }

    #[test]
    fn only_a_native_client_may_choose_its_loopback_port() {
        let uri = RedirectUri::register("http://127.0.0.1/cb", ClientKind::Native).expect("good");
        assert!(uri.admits("http://127.0.0.1:49152/cb", ClientKind::Native));
        assert!(!uri.admits("http://127.0.0.1:49152/cb", ClientKind::Web));
        for other in [
            "http://127.0.0.1:49152/cb2",
            "https://127.0.0.1:49152/cb",
            "http://127.0.0.1.evil:49152/cb",
            "http://127.1:49152/cb",
            "http://127.0.0.1:49152/cb?x",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:1@evil/cb",
            "http://localhost:49152/cb",
        ] {
            assert!(!uri.admits(other, ClientKind::Native), "{other}");
        }
    }
}

//! How far a deployment lets us reach: the public Internet, and what it names beyond.

use std::str::FromStr;

use super::uri::{GuardedUri, RefusedUri};
use crate::fault::Malformed;

/// The hosts that may be called. Without a list it is the public Internet by https, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    allowed: Vec<AllowedHost>,
}

impl Reach {
    /// The public Internet.
    #[must_use]
    pub const fn public() -> Self {
        Self { allowed: Vec::new() }
    }

    /// The public Internet and those hosts, which may be on this machine or in a private network.
    #[must_use]
    pub fn and(mut self, allowed: impl IntoIterator<Item = AllowedHost>) -> Self {
        self.allowed.extend(allowed);
        self
    }

    /// The same and this machine, by http too: for `dev`.
    #[must_use]
    pub fn and_loopback(self) -> Self {
        let host = |host: &str| AllowedHost { host: host.to_owned(), port: None, plain_http: true };
        self.and(["localhost", "127.0.0.1", "[::1]"].map(host))
    }

    /// Reads a URI that somebody registers, or that is to be called.
    pub fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        GuardedUri::read(uri, self)
    }

    /// What is said about that host and port. Where two entries fit, the one that allows more.
    pub(super) fn find(&self, host: &str, port: u16) -> Option<&AllowedHost> {
        let fits = |allowed: &&AllowedHost| allowed.host == host && allowed.port.is_none_or(|only| only == port);
        self.allowed.iter().filter(fits).max_by_key(|allowed| allowed.plain_http)
    }
}

/// A host that may be on this machine or in a private network: `host`, `host:port`, or `http://host:port` where it may be
/// called by plain http too. Without a port, every port of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: Option<u16>,
    plain_http: bool,
}

impl AllowedHost {
    /// Whether it may be called by plain http.
    #[must_use]
    pub const fn admits_plain_http(&self) -> bool {
        self.plain_http
    }
}

impl FromStr for AllowedHost {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let wrong = Malformed::new(
            "allowed host",
            "must be host, host:port or http://host:port, with the host as it stands in URIs and nothing behind it",
        );
        let (plain_http, authority) = text.strip_prefix("http://").map_or((false, text), |rest| (true, rest));
        if authority.is_empty() || authority.contains(['/', '?', '#', '@', '*']) {
            return Err(wrong);
        }
        let split = super::uri::split_port(authority);
        let Some((host, port)) = split else { return Err(wrong) };
        let entry = Self { host: host.to_owned(), port, plain_http };
        // Sound if a URI with that host could be called once the entry is there; one for metadata services never can.
        match Reach::public().and([entry.clone()]).check(&format!("https://{authority}/")) {
            Ok(_) => Ok(entry),
            Err(RefusedUri::Address) => {
                Err(Malformed::new("allowed host", "must not be a link-local, multicast, reserved or metadata address"))
            }
            Err(
                RefusedUri::Characters
                | RefusedUri::NotAbsolute
                | RefusedUri::Scheme
                | RefusedUri::UserInfo
                | RefusedUri::Fragment
                | RefusedUri::HostForm,
            ) => Err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(allowed: &[&str]) -> Reach {
        Reach::public().and(allowed.iter().map(|host| host.parse().expect("an allowed host")))
    }

    #[test]
    fn what_the_deployment_names_may_be_inside() {
        let reach = reach(&["keys.corp.internal", "10.1.2.3:8443", "http://app:8080", "[::1]"]);
        let inside = "10.9.9.9".parse().expect("an address");
        for uri in [
            "https://keys.corp.internal/a",
            "https://keys.corp.internal:1/",
            "https://10.1.2.3:8443/",
            "http://app:8080/",
            "https://app:8080/",
        ] {
            assert!(reach.check(uri).expect(uri).admits(inside), "{uri}");
        }
        for uri in [
            "http://keys.corp.internal/",
            "https://10.1.2.3/",
            "http://app/",
            "https://corp.internal/",
            "https://x.keys.corp.internal/",
        ] {
            assert!(reach.check(uri).is_err(), "{uri}");
        }
        assert!(!reach.check("https://app.example/").expect("public").admits(inside));
    }

    #[test]
    fn no_deployment_names_a_metadata_service() {
        let uri = reach(&["keys.corp.internal"]).check("https://keys.corp.internal/").expect("allowed");
        assert!(!uri.admits("169.254.169.254".parse().expect("an address")));
        for entry in ["169.254.169.254", "0.0.0.0", "224.0.0.1", "[fe80::1]", "[::ffff:7f00:1]"] {
            assert!(entry.parse::<AllowedHost>().is_err(), "{entry}");
        }
    }

    #[test]
    fn an_entry_is_written_in_one_way() {
        for entry in [
            "",
            "https://app",
            "http://",
            "app/",
            "*.corp",
            "App",
            "app.",
            "app:",
            "app:0",
            "app:080",
            "a@b",
            "127.1",
            "ftp://a",
        ] {
            assert!(entry.parse::<AllowedHost>().is_err(), "{entry}");
        }
    }

    #[test]
    fn dev_may_call_its_own_machine() {
        let dev = Reach::public().and_loopback();
        for uri in ["http://127.0.0.1:9999/jwks", "http://localhost:3000/", "https://[::1]/"] {
            assert!(dev.check(uri).expect(uri).admits("127.0.0.1".parse().expect("an address")), "{uri}");
        }
        assert!(dev.check("http://127.0.0.2/").is_err() && dev.check("http://10.0.0.1/").is_err());
    }
}

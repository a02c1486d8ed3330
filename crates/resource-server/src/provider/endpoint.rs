//! Which URLs are called at all.

use url::{Host, Url};

/// How an issuer is reached. Its endpoints are reached no worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Over TLS.
    Https,
    /// Without, on this machine alone.
    Loopback,
}

impl Scheme {
    /// How that URL is reached; `None` when it must not be called.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let nobody = url.username().is_empty() && url.password().is_none();
        match url.scheme() {
            "https" if nobody => Some(Self::Https),
            "http" if nobody && loopback => Some(Self::Loopback),
            _ => None,
        }
    }

    /// Whether an issuer reached this way may name that endpoint.
    pub(super) fn admits(self, endpoint: &Url) -> bool {
        match (self, Self::of(endpoint)) {
            (_, Some(Self::Https)) | (Self::Loopback, Some(Self::Loopback)) => true,
            (Self::Https, Some(Self::Loopback)) | (_, None) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_reached_no_worse_than_their_issuer() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        assert!(Scheme::Https.admits(&url("https://keys.example/jwks")));
        assert!(Scheme::Loopback.admits(&url("http://127.0.0.1:1/jwks")));
        for bad in ["http://127.0.0.1/jwks", "http://id.example/", "file:///etc/passwd", "https://u:p@id.example/"] {
            assert!(!Scheme::Https.admits(&url(bad)), "{bad}");
        }
        assert!(!Scheme::Loopback.admits(&url("http://169.254.169.254/")));
    }
}

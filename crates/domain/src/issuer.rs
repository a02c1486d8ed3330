//! The issuer: one string, the same byte for byte wherever it stands.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{fault::Malformed, id::TenantSlug, tenant::Tenant};

mod host;

pub use self::host::IssuerHost;

/// Where the public front is reached, from the configuration and never from a request header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads the public URL: `https`, or `http` for a loopback address; no query, fragment or user-info.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        const WHAT: &str = "public_url";
        let url = Url::parse(text).map_err(|_| Malformed::new(WHAT, "must be an absolute URL"))?;
        let loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(Malformed::new(WHAT, "must name a host")),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(Malformed::new(WHAT, "must begin with https:// (http:// is for loopback addresses only)")),
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(Malformed::new(WHAT, "must have no query, fragment or user-info"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The URL without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path that a proxy serves us under, without a slash at its end; empty for most.
    #[must_use]
    pub fn base_path(&self) -> String {
        Url::parse(&self.0).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
    }

    /// Whether browsers reach us over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// `scheme://host[:port]`, as a browser's `Origin` header has it.
    #[must_use]
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// The host in it, in small letters; an IPv6 address stands in brackets.
    #[must_use]
    pub fn host(&self) -> String {
        Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_lowercase)).unwrap_or_default()
    }

    /// The issuer of a tenant: the host that it has for itself, or its path here.
    #[must_use]
    pub fn issuer_of(&self, tenant: &Tenant) -> Issuer {
        match &tenant.issuer_host {
            Some(host) => self.host_issuer(host),
            None => self.path_issuer(&tenant.slug),
        }
    }

    /// The path issuer of a tenant: `{public_url}/t/{tenant}`.
    #[must_use]
    pub fn path_issuer(&self, tenant: &TenantSlug) -> Issuer {
        Issuer(format!("{}/t/{tenant}", self.0))
    }

    /// The issuer at a host of its own, with our scheme and port and without a path: `https://login.customer.example`.
    fn host_issuer(&self, host: &IssuerHost) -> Issuer {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("https", &self.0));
        let authority = rest.split('/').next().unwrap_or_default();
        let port = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|digit| digit.is_ascii_digit()));
        Issuer(port.map_or_else(|| format!("{scheme}://{host}"), |(_, port)| format!("{scheme}://{host}:{port}")))
    }
}

/// An issuer identifier (RFC 8414 section 2, OpenID Connect Discovery section 3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Issuer(String);

impl Issuer {
    /// The identifier as it stands in every token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A URL under the issuer; `path` begins with a slash.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The path of the issuer, which is the path of its cookies: `/` where it has a host for itself.
    #[must_use]
    pub fn path(&self) -> String {
        Url::parse(&self.0).map_or_else(|_| "/".to_owned(), |url| url.path().to_owned())
    }

    /// The same without a slash at its end, for what comes after it.
    #[must_use]
    pub fn base_path(&self) -> String {
        self.path().trim_end_matches('/').to_owned()
    }

    /// `scheme://host[:port]`, as a browser's `Origin` header has it.
    #[must_use]
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_safe_to_publish() {
        for good in ["https://id.example", "https://id.example/sso/", "http://127.0.0.1:8080", "http://localhost:1"] {
            assert!(PublicUrl::parse(good).is_ok(), "{good}");
        }
        for bad in ["http://id.example", "id.example", "https://id.example/?x", "https://u@id.example", "ftp://x"] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(PublicUrl::parse("https://id.example/sso/").expect("good").base_path(), "/sso");
    }

    #[test]
    fn a_host_issuer_has_our_scheme_and_port_and_no_path() {
        let host: IssuerHost = "login.customer.example".parse().expect("a host");
        for (public, expected) in [
            ("https://id.example", "https://login.customer.example"),
            ("https://id.example/sso", "https://login.customer.example"),
            ("https://id.example:8443/sso", "https://login.customer.example:8443"),
            ("http://[::1]:8080", "http://login.customer.example:8080"),
            ("http://[::1]", "http://login.customer.example"),
        ] {
            let issuer = PublicUrl::parse(public).expect("good").host_issuer(&host);
            assert_eq!((issuer.as_str(), issuer.path().as_str()), (expected, "/"));
            assert_eq!((issuer.base_path().as_str(), issuer.origin().as_str()), ("", expected));
        }
    }
}

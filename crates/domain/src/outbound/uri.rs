//! A URI that we may call.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

use super::{
    address::AddressKind,
    reach::{AllowedHost, Reach},
};

/// A URI that somebody registered and that we may call: read by [`Reach::check`]. What its host resolves to is looked at
/// anew with every connection.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct GuardedUri {
    text: String,
    url: Url,
    inner: bool,
}

/// Why a URI is not called. The text may be shown to whoever registered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusedUri {
    /// Too long, or with characters that no URI has (RFC 3986 section 2), braces of placeholders among them.
    Characters,
    /// No absolute URI with a host.
    NotAbsolute,
    /// A scheme that is not called there.
    Scheme,
    /// With a name or password before the host.
    UserInfo,
    /// With a fragment.
    Fragment,
    /// The host or port is written in another way than the one plain one.
    HostForm,
    /// A name or address that is not of the public Internet, or none that anybody should call.
    Address,
}

impl RefusedUri {
    /// The text for whoever registered it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Characters => "must be at most 2048 characters of a URI (RFC 3986), without placeholders",
            Self::NotAbsolute => "must be an absolute URI with a host",
            Self::Scheme => "must be https",
            Self::UserInfo => "must not have user-info",
            Self::Fragment => "must not have a fragment",
            Self::HostForm => {
                "must name its host in small letters, without a closing dot, and addresses and ports in their plain form"
            }
            Self::Address => "must be on the public Internet",
        }
    }
}

impl fmt::Display for RefusedUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.hint())
    }
}

impl std::error::Error for RefusedUri {}

impl GuardedUri {
    pub(super) fn read(text: &str, reach: &Reach) -> Result<Self, RefusedUri> {
        if text.len() > 2048 || !text.bytes().all(stands_in_uri) {
            return Err(RefusedUri::Characters);
        }
        if text.contains('#') {
            return Err(RefusedUri::Fragment);
        }
        let (scheme, rest) = text.split_once("://").ok_or(RefusedUri::NotAbsolute)?;
        if !matches!(scheme, "https" | "http") {
            return Err(RefusedUri::Scheme);
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(RefusedUri::UserInfo);
        }
        let url = Url::parse(text).map_err(|_| RefusedUri::NotAbsolute)?;
        // What one parser reads as a host another may read as something else: only the form that all agree on is taken.
        let host = url.host().ok_or(RefusedUri::NotAbsolute)?;
        let (name, port) = split_port(authority).ok_or(RefusedUri::HostForm)?;
        if url.host_str() != Some(name)
            || !is_plain(&host)
            || port.is_some_and(|port| url.port_or_known_default() != Some(port))
        {
            return Err(RefusedUri::HostForm);
        }
        let allowed = reach.find(name, url.port_or_known_default().unwrap_or_default());
        if scheme == "http" && !allowed.is_some_and(AllowedHost::admits_plain_http) {
            return Err(RefusedUri::Scheme);
        }
        let kind = match &host {
            Host::Domain(name) => kind_of_name(name),
            Host::Ipv4(address) => AddressKind::of(IpAddr::V4(*address)),
            Host::Ipv6(address) => AddressKind::of(IpAddr::V6(*address)),
        };
        match (kind, allowed) {
            (AddressKind::Public, _) | (AddressKind::Inner, Some(_)) => {
                Ok(Self { text: text.to_owned(), inner: allowed.is_some(), url })
            }
            (AddressKind::Inner, None) | (AddressKind::Never, _) => Err(RefusedUri::Address),
        }
    }

    /// The URI as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URI to be called.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Host and port, by which calls are counted.
    #[must_use]
    pub fn origin(&self) -> String {
        let port = self.url.port_or_known_default().unwrap_or_default();
        format!("{}:{port}", self.url.host_str().unwrap_or_default())
    }

    /// Whether the deployment names its host, which may then be on this machine or in a private network.
    #[must_use]
    pub const fn may_be_inner(&self) -> bool {
        self.inner
    }

    /// Whether the host may be at that address.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        match AddressKind::of(address) {
            AddressKind::Public => true,
            AddressKind::Inner => self.inner,
            AddressKind::Never => false,
        }
    }
}

/// The characters of RFC 3986, which are fewer than those that parsers put up with.
const fn stands_in_uri(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// The host and its port, where the port is written without a sign or leading zeros.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let start = authority.rfind(']').unwrap_or_default();
    let Some(colon) = authority[start..].find(':').map(|at| start + at) else {
        return Some((authority, None));
    };
    let digits = &authority[colon + 1..];
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let port = plain.then(|| digits.parse().ok()).flatten()?;
    Some((&authority[..colon], Some(port)))
}

/// Whether a host name is one (RFC 1123 section 2.1). Addresses were compared with their plain form before.
fn is_plain(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else { return true };
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(legal) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Names that never are on the public Internet (RFC 6761, RFC 6762, RFC 8375, and `internal`, which is kept for such use)
/// can be told at once; the others are judged by what they resolve to.
fn kind_of_name(name: &str) -> AddressKind {
    let private = ["localhost", "local", "internal", "home.arpa"];
    let is = |private: &&str| name.strip_suffix(*private).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if !name.contains('.') || private.iter().any(is) { AddressKind::Inner } else { AddressKind::Public }
}

impl fmt::Display for GuardedUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for GuardedUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuardedUri({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> RefusedUri {
        Reach::public().check(text).expect_err(text)
    }

    #[test]
    fn t151_addresses_inside_and_odd_notations_are_refused() {
        for host in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[fe80::1]", "[fc00::1]", "0.0.0.0", "[::]"] {
            assert_eq!(refused(&format!("https://{host}/jwks")), RefusedUri::Address, "{host}");
        }
        for host in
            ["localhost", "app.localhost", "printer.local", "metadata.google.internal", "intranet", "x.home.arpa"]
        {
            assert_eq!(refused(&format!("https://{host}/jwks")), RefusedUri::Address, "{host}");
        }
        let odd = [
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "127.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "[::ffff:127.0.0.1]",
            "[0::1]",
            "[::FFFF:1]",
            "Example.com",
            "example.com.",
            "ex%61mple.com",
            "a_b.example",
            "-a.example",
            "a..example",
            "example.com:",
            "example.com:0443",
            "example.com:+443",
            "example.com:0",
        ];
        for host in odd {
            let why = refused(&format!("https://{host}/jwks"));
            assert!(matches!(why, RefusedUri::HostForm | RefusedUri::NotAbsolute), "{host}: {why:?}");
        }
        for host in ["[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001::1]", "203.0.113.7"] {
            assert_eq!(refused(&format!("https://{host}/jwks")), RefusedUri::Address, "{host}");
        }
    }

    #[test]
    fn t158_other_schemes_and_user_info_are_refused() {
        for text in [
            "http://app.example/",
            "ftp://app.example/",
            "file:///etc/passwd",
            "gopher://app.example/",
            "HTTPS://app.example/",
        ] {
            assert!(matches!(refused(text), RefusedUri::Scheme), "{text}");
        }
        assert_eq!(refused("https://user@app.example/"), RefusedUri::UserInfo);
        assert_eq!(refused("https://app.example@10.0.0.1/"), RefusedUri::UserInfo);
        assert_eq!(refused("https://app.example/#x"), RefusedUri::Fragment);
        for text in
            ["", "/jwks", "https:app.example", "https:/app.example", "https:///app.example", "data:text/plain,x"]
        {
            assert!(matches!(refused(text), RefusedUri::NotAbsolute | RefusedUri::HostForm), "{text}");
        }
    }

    #[test]
    fn t155_there_are_no_placeholders() {
        for text in
            ["https://{host}/x", "https://app.example/${user}", "https://app.example\\@10.0.0.1/", "https://a b/"]
        {
            assert_eq!(refused(text), RefusedUri::Characters, "{text}");
        }
    }

    #[test]
    fn a_public_uri_is_taken_as_it_is() {
        for text in [
            "https://app.example/jwks",
            "https://app.example:8443/a?b=%20",
            "https://app.example:443",
            "https://8.8.8.8/",
            "https://xn--bcher-kva.example/",
        ] {
            let uri = Reach::public().check(text).expect(text);
            assert_eq!(uri.as_str(), text);
            assert!(
                uri.admits("8.8.8.8".parse().expect("an address"))
                    && !uri.admits("10.0.0.1".parse().expect("an address"))
            );
        }
    }
}

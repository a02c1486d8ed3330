//! The address that a request comes from, for throttling.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, request::Parts};

use crate::TrustedProxies;

/// The peer's address, or the one that our own proxy says it serves.
///
/// Of `X-Forwarded-For` only the last entry counts: our proxy wrote it, and everything before it came from outside.
pub(crate) fn address(trusted_proxies: &TrustedProxies, parts: &Parts) -> IpAddr {
    let forwarded = is_proxied(trusted_proxies, parts).then(|| forwarded(parts)).flatten();
    forwarded.unwrap_or_else(|| peer(&parts.extensions)).to_canonical()
}

/// Whether a proxy of ours sends this.
pub(crate) fn is_proxied(trusted_proxies: &TrustedProxies, parts: &Parts) -> bool {
    trusted_proxies.include(peer(&parts.extensions))
}

/// The other end of the connection.
pub(crate) fn peer(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip());
    peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

fn forwarded(parts: &Parts) -> Option<IpAddr> {
    let last = parts.headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn seen(trusted_proxies: &TrustedProxies, forwarded: &[&str]) -> String {
        let mut request = Request::get("/");
        for line in forwarded {
            request = request.header("x-forwarded-for", *line);
        }
        let mut parts = request.body(()).expect("a request").into_parts().0;
        parts.extensions.insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4711))));
        address(trusted_proxies, &parts).to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_where_our_proxy_wrote_it() {
        let from = |range: &str| TrustedProxies::From(vec![range.parse().expect("a range")]);
        assert_eq!(seen(&TrustedProxies::None, &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(seen(&from("192.0.2.2"), &["203.0.113.9"]), "192.0.2.1");
        for trusted in [TrustedProxies::Every, from("192.0.2.0/24")] {
            assert_eq!(seen(&trusted, &["203.0.113.9"]), "203.0.113.9");
            assert_eq!(seen(&trusted, &["198.51.100.7, 203.0.113.9"]), "203.0.113.9");
            assert_eq!(seen(&trusted, &["198.51.100.7", "203.0.113.9"]), "203.0.113.9");
            assert_eq!(seen(&trusted, &["::ffff:203.0.113.9"]), "203.0.113.9");
            assert_eq!(seen(&trusted, &["unknown"]), "192.0.2.1");
            assert_eq!(seen(&trusted, &[]), "192.0.2.1");
        }
    }
}

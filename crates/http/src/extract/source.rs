//! The address that a request comes from, for throttling.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::request::Parts;

/// The peer's address, or the one that our own proxy says it serves.
///
/// Of `X-Forwarded-For` only the last entry counts: our proxy wrote it, and everything before it came from outside.
pub(crate) fn address(trusted_proxies: bool, parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer.ip());
    let forwarded = trusted_proxies.then(|| forwarded(parts)).flatten();
    forwarded.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical()
}

fn forwarded(parts: &Parts) -> Option<IpAddr> {
    let last = parts.headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn seen(trusted_proxies: bool, forwarded: &[&str]) -> String {
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
        assert_eq!(seen(false, &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(seen(true, &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen(true, &["198.51.100.7, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen(true, &["198.51.100.7", "203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen(true, &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(seen(true, &["unknown"]), "192.0.2.1");
        assert_eq!(seen(true, &[]), "192.0.2.1");
    }
}

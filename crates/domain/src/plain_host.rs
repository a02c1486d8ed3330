//! Hosts of addresses that browsers are sent to, or load something from.

use url::Url;

/// The rule, for those who are told.
pub(crate) const RULE: &str = "must have a host of letters, digits, dots, hyphens and underscores";

/// Whether a web address names its host with the signs that names and addresses of hosts are made of. URLs may hold more
/// (`;` and `,` among it), which means something where a host is written into a header such as Content-Security-Policy.
pub(crate) fn has_plain_host(url: &Url) -> bool {
    let is_web = matches!(url.scheme(), "https" | "http");
    !is_web
        || url.host_str().is_some_and(|host| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b)))
}

#[cfg(test)]
mod tests {
    use crate::client::{ClientAbout, FrontchannelUri, shown_uri};

    #[test]
    fn t186_no_address_that_is_shown_or_framed_has_another_host() {
        for bad in ["https://app.example;x/a", "https://app.example,x/a", "https://app.example%3bx/a"] {
            assert!(shown_uri("logo_uri", bad).is_err(), "{bad}");
            assert!(ClientAbout::https("client_uri", bad).is_err(), "{bad}");
            assert!(FrontchannelUri::register(bad).is_err(), "{bad}");
        }
        for good in ["https://app.example:8443/a;b,c", "https://my_app.example/", "https://[2001:db8::1]/"] {
            assert!(shown_uri("logo_uri", good).is_ok(), "{good}");
            assert!(ClientAbout::https("client_uri", good).is_ok(), "{good}");
            assert!(FrontchannelUri::register(good).is_ok(), "{good}");
        }
    }
}

//! The Content-Security-Policy of a page: nothing but what the page itself needs.

use std::collections::BTreeSet;

use http::HeaderValue;
use url::{Host, Url};

/// The policy of a page without a script. `targets` are the places outside that its forms may lead to: browsers hold
/// `form-action` against the redirect that answers a form too, so the redirect URI must be among them.
pub(super) fn without_script(targets: &[&str]) -> HeaderValue {
    build(targets, None, "")
}

/// The same for a page that shows an application, whose picture the browser may load from where it lies.
pub(super) fn with_logo(targets: &[&str], logo: Option<&str>) -> HeaderValue {
    build(targets, logo, "")
}

/// The policy of a page whose only script has this hash.
pub(super) fn with_script(targets: &[&str], hash: &str) -> HeaderValue {
    build(targets, None, &format!(" script-src '{hash}';"))
}

/// The policy of a page that loads pages of those origins in frames, and whose only script, if it has one, has this hash.
pub(super) fn with_frames(origins: &[String], hash: Option<&str>) -> HeaderValue {
    let origins: BTreeSet<String> = origins.iter().filter_map(|origin| source(origin)).collect();
    let origins: Vec<String> = origins.into_iter().collect();
    let frames = if origins.is_empty() { String::new() } else { format!(" frame-src {};", origins.join(" ")) };
    let script = hash.map(|hash| format!(" script-src '{hash}';")).unwrap_or_default();
    build(&[], None, &format!("{script}{frames}"))
}

fn build(targets: &[&str], logo: Option<&str>, more: &str) -> HeaderValue {
    let leads: Vec<String> =
        std::iter::once("'self'".to_owned()).chain(targets.iter().filter_map(|url| source(url))).collect();
    let leads = leads.join(" ");
    let logo = logo.and_then(source).map(|origin| format!(" {origin}")).unwrap_or_default();
    let text = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'{logo};{more} form-action {leads}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// The source expression (CSP level 3 section 2.3.1) of a URL: its origin, or its scheme where the scheme has no
/// origins, or where the host is an IPv6 address, which the grammar cannot express.
fn source(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let web = matches!(url.scheme(), "https" | "http") && !matches!(url.host(), Some(Host::Ipv6(_)));
    Some(if web { url.origin().ascii_serialization() } else { format!("{}:", url.scheme()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_named_no_wider_than_it_must_be() {
        assert_eq!(source("https://app.example/cb?x=1").as_deref(), Some("https://app.example"));
        assert_eq!(source("http://127.0.0.1:4711/cb").as_deref(), Some("http://127.0.0.1:4711"));
        assert_eq!(source("http://[::1]:4711/cb").as_deref(), Some("http:"));
        assert_eq!(source("com.example.app:/cb").as_deref(), Some("com.example.app:"));
    }

    #[test]
    fn a_picture_comes_from_one_place() {
        let text = |policy: HeaderValue| policy.to_str().expect("ascii").to_owned();
        let with = text(with_logo(&[], Some("https://app.example/logo.png")));
        assert!(with.contains("img-src 'self' https://app.example;"), "{with}");
        let without = text(with_logo(&[], None));
        assert!(without.contains("img-src 'self';"), "{without}");
    }

    #[test]
    fn a_page_allows_no_script_of_its_own() {
        let policy = without_script(&["https://app.example/cb"]);
        let text = policy.to_str().expect("ascii");
        assert!(text.contains("form-action 'self' https://app.example;"), "{text}");
        assert!(!text.contains("script"), "{text}");
    }
}

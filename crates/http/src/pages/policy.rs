//! The Content-Security-Policy of a page: nothing but what the page itself needs.

use std::collections::BTreeSet;

use http::HeaderValue;
use url::{Host, Url};

/// Where the forms of a page lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forms {
    /// To pages of ours, and nowhere else.
    StayHere,
    /// On to an application, in the end. Browsers hold `form-action` against every redirect that follows a form, and only
    /// the application knows where it sends people next: to another host, or to a program on their device. So nothing is
    /// said of forms there. Nobody else can put one into such a page, which runs no script but ours and escapes the rest.
    LeadOn,
}

/// The policy of a page without a script.
pub(super) fn without_script(forms: Forms) -> HeaderValue {
    build(forms, None, "")
}

/// The same for a page that shows an application, whose picture the browser may load from where it lies.
pub(super) fn with_logo(forms: Forms, logo: Option<&str>) -> HeaderValue {
    build(forms, logo, "")
}

/// The policy of a page that sends its form by itself, with the script that has this hash.
pub(super) fn with_script(hash: &str) -> HeaderValue {
    build(Forms::LeadOn, None, &format!(" script-src '{hash}';"))
}

/// The policy of a page that loads pages of those origins in frames, and whose only script, if it has one, has this hash.
pub(super) fn with_frames(origins: &[String], hash: Option<&str>) -> HeaderValue {
    let origins: BTreeSet<String> = origins.iter().filter_map(|origin| source(origin)).collect();
    let origins: Vec<String> = origins.into_iter().collect();
    let frames = if origins.is_empty() { String::new() } else { format!(" frame-src {};", origins.join(" ")) };
    let script = hash.map(|hash| format!(" script-src '{hash}';")).unwrap_or_default();
    build(Forms::StayHere, None, &format!("{script}{frames}"))
}

fn build(forms: Forms, logo: Option<&str>, more: &str) -> HeaderValue {
    let forms = match forms {
        Forms::StayHere => " form-action 'self';",
        Forms::LeadOn => "",
    };
    let logo = logo.and_then(source).map(|origin| format!(" {origin}")).unwrap_or_default();
    let text = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'{logo};{more}{forms} frame-ancestors 'none'; \
         base-uri 'none'"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// The source expression (CSP level 3 section 2.3.1) of a URL: its origin, or its scheme where the scheme has no
/// origins, or where the grammar cannot express the host: an IPv6 address, or a name with signs that mean something in
/// a policy.
fn source(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let plain = match url.host() {
        Some(Host::Domain(name)) => name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-'),
        Some(Host::Ipv4(_)) => true,
        Some(Host::Ipv6(_)) | None => false,
    };
    let web = plain && matches!(url.scheme(), "https" | "http");
    Some(if web { url.origin().ascii_serialization() } else { format!("{}:", url.scheme()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(policy: &HeaderValue) -> &str {
        policy.to_str().expect("ascii")
    }

    #[test]
    fn a_source_is_named_no_wider_than_it_must_be() {
        assert_eq!(source("https://app.example/cb?x=1").as_deref(), Some("https://app.example"));
        assert_eq!(source("http://127.0.0.1:4711/cb").as_deref(), Some("http://127.0.0.1:4711"));
        assert_eq!(source("http://[::1]:4711/cb").as_deref(), Some("http:"));
        assert_eq!(source("com.example.app:/cb").as_deref(), Some("com.example.app:"));
    }

    #[test]
    fn t186_a_host_adds_no_rule() {
        for host in ["app.example;script-src%20*", "app.example,x", "app.example;x", "*", "app'x", "app_x"] {
            let url = format!("https://{host}/logo.png");
            if Url::parse(&url).is_ok() {
                assert_eq!(source(&url).as_deref(), Some("https:"), "{host}");
            }
        }
        let policy = with_logo(Forms::StayHere, Some("https://app.example;frame-ancestors,x/logo.png"));
        assert!(text(&policy).contains("img-src 'self' https:;"), "{policy:?}");
        let policy = with_frames(&["https://app.example,default-src".to_owned()], None);
        assert!(text(&policy).contains("frame-src https:;") && !text(&policy).contains(','), "{policy:?}");
    }

    #[test]
    fn a_picture_comes_from_one_place() {
        let with = with_logo(Forms::StayHere, Some("https://app.example/logo.png"));
        assert!(text(&with).contains("img-src 'self' https://app.example;"), "{with:?}");
        let without = with_logo(Forms::StayHere, None);
        assert!(text(&without).contains("img-src 'self';"), "{without:?}");
    }

    #[test]
    fn a_page_allows_no_script_of_its_own() {
        for forms in [Forms::StayHere, Forms::LeadOn] {
            let policy = without_script(forms);
            assert!(
                text(&policy).starts_with("default-src 'none';") && !text(&policy).contains("script"),
                "{policy:?}"
            );
            assert_eq!(text(&policy).contains("form-action 'self';"), forms == Forms::StayHere, "{policy:?}");
        }
    }
}

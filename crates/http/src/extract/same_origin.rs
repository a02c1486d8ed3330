//! Whether a form of ours was sent by a page of ours.
//!
//! This is the second wall. The first is that each form carries sealed state that opens only together with a cookie of
//! this browser, and browsers do not send that cookie with a form of another site.

use chancery_domain::issuer::Issuer;
use http::{HeaderMap, header::ORIGIN};

const FETCH_SITE: &str = "sec-fetch-site";

/// Whether this is no form that a page of another site sent.
///
/// Browsers say so in `Sec-Fetch-Site`. Older ones say it in `Origin`, where `null` is not us either. A program sends
/// neither, and is stopped by the first wall if it has no business here. (`Origin` alone would not do: our pages have
/// `Referrer-Policy: no-referrer`, under which browsers send `Origin: null` from our own pages too.)
pub(crate) fn is_ours(issuer: &Issuer, headers: &HeaderMap) -> bool {
    match (headers.get(FETCH_SITE), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.as_bytes() == issuer.origin().as_bytes(),
        (None, None) => true,
    }
}

/// Whether the browser says that another site's page sent this.
pub(crate) fn is_foreign_site(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site")
}

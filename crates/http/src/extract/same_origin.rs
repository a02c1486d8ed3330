//! Whether a form of ours was sent by a page of ours.
//!
//! This is the second wall. The first is that each form carries sealed state that opens only together with a cookie of
//! this browser, and browsers do not send that cookie with a form of another site.

use chancery_domain::issuer::Issuer;
use http::{HeaderMap, Method, header::ORIGIN};

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

/// Whose page sent a form, and with it whether our cookies (`SameSite=Lax`) can have come along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A page of this site; or it is no form at all. The cookies are there, if there are any.
    OurSite,
    /// A page of another site. The browser kept the cookies back.
    OtherSite,
    /// A page that an older browser does not name: ours have no referrer, and others may have none either.
    Unnamed,
    /// Nothing is told, as programs do.
    Untold,
}

impl Sender {
    /// Whose page sent this.
    pub(crate) fn of(method: &Method, issuer: &Issuer, headers: &HeaderMap) -> Self {
        if method != Method::POST {
            return Self::OurSite;
        }
        match (headers.get(FETCH_SITE), headers.get(ORIGIN)) {
            (Some(site), _) if ["same-origin", "same-site", "none"].iter().any(|ours| site == ours) => Self::OurSite,
            (Some(_), _) => Self::OtherSite,
            (None, Some(origin)) if origin.as_bytes() == issuer.origin().as_bytes() => Self::OurSite,
            (None, Some(origin)) if origin == "null" => Self::Unnamed,
            (None, Some(_)) => Self::OtherSite,
            (None, None) => Self::Untold,
        }
    }
}

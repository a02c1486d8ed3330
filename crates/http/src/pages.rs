//! What people look at: rendered here, without a script, and the same on a phone and a desktop.
//!
//! Each page is a template in `templates/` and a file here. What a page must remember until its form comes back
//! travels in the form itself, sealed ([`flow`]).

pub(crate) mod again;
pub(crate) mod assets;
pub(crate) mod check_session;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod error;
pub(crate) mod form_post;
pub(crate) mod landing;
pub(crate) mod onward;
pub(crate) mod password;
mod sending;
pub(crate) mod signin;
pub(crate) mod signout;
pub(crate) mod signup;
pub(crate) mod start;

mod application;
mod chrome;
mod flow;
mod person;
mod policy;
mod words;

use askama::Template;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use chancery_domain::fault::Fault;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, X_FRAME_OPTIONS},
};

use crate::error::{NO_STORE, Problem};

/// A page with everything that keeps it safe.
fn page(status: StatusCode, template: &impl Template, policy: HeaderValue) -> Response {
    let html = match template.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(fault = %error, "a page could not be rendered");
            return Problem::Panicked.into_response();
        }
    };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    keep_private(headers);
    response
}

/// Sends the browser on, always as a GET: a 307 would post a password to the next place (RFC 9700 section 4.12).
pub(crate) fn redirect(url: &str) -> Result<Response, Problem> {
    let location =
        HeaderValue::from_str(url).map_err(|error| Fault::broken("a redirect is no legal header value", error))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    keep_private(response.headers_mut());
    Ok(response)
}

fn keep_private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

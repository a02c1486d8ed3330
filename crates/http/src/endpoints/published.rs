//! A ready-made document: bytes with a strong entity tag, for everybody, kept for as long as its endpoint says.

use std::time::Duration;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use chancery_domain::view::Document;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};

use crate::{cors::ANYBODY, error::JSON};

/// The document, or 304 when the caller has it already (RFC 9110 section 13.1.2).
pub(super) fn answer(document: &Document, age: Duration, request: &HeaderMap) -> Response {
    let mut response = if has_it(request, &document.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(document.body.clone()));
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        response
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANYBODY);
    headers.insert(CACHE_CONTROL, max_age(age.as_secs()));
    if let Ok(etag) = HeaderValue::from_str(&document.etag) {
        headers.insert(ETAG, etag);
    }
    response
}

/// Compared weakly, as `If-None-Match` is.
fn has_it(request: &HeaderMap, etag: &str) -> bool {
    let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|list| list.split(',')).map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}

fn max_age(seconds: u64) -> HeaderValue {
    const USUAL: HeaderValue = HeaderValue::from_static("public, max-age=300");
    if seconds == 300 {
        return USUAL;
    }
    HeaderValue::try_from(format!("public, max-age={seconds}")).unwrap_or(USUAL)
}

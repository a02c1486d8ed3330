//! The form in a body (`application/x-www-form-urlencoded`), which is the kind of body that we read but for what registers a client.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
};
use chancery_oauth::{error::OAuthError, parameters::Parameters};
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE},
};
use http_body_util::LengthLimitError;

use crate::error::Problem;

/// The longest body that is read, in bytes. Bodies are read here and nowhere else.
const LIMIT: usize = 64 * 1024;

/// The longest form that is about an authorization request, in bytes: whoever sends one is told what is too long in it,
/// and one that waits in a page of ours is longer once it is sealed.
pub(super) const LONG: usize = 192 * 1024;

/// A body arrives within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// The parameters of a body, with its bytes.
pub(crate) struct Form {
    /// What the body says.
    pub(crate) parameters: Parameters,
    /// How it says it.
    pub(crate) body: Bytes,
}

impl<S: Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        Self::within(request, LIMIT).await
    }
}

impl Form {
    /// Reads a form of at most so many bytes.
    pub(super) async fn within(request: Request, most: usize) -> Result<Self, Problem> {
        let body = take(request, most).await?;
        Ok(Self { parameters: Parameters::parse_within(&body, most)?, body })
    }
}

/// The parameters of a form of a page of ours.
pub(crate) struct PageForm(pub(crate) Parameters);

impl<S: Sync> FromRequest<S> for PageForm {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        Ok(Self(Form::within(request, LONG).await?.parameters))
    }
}

async fn take(request: Request, most: usize) -> Result<Bytes, Problem> {
    let (parts, body) = request.into_parts();
    if is_form(&parts.headers) { read(&parts.headers, body, most).await } else { Err(Problem::NotAForm) }
}

/// Whether the body is a form in UTF-8 that nothing was done to.
fn is_form(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let (kind, rest) = kind.split_once(';').unwrap_or((kind, ""));
    let charset = rest.trim();
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && (charset.is_empty()
            || ["charset=utf-8", "charset=\"utf-8\""].iter().any(|utf8| charset.eq_ignore_ascii_case(utf8)))
        && !headers.contains_key(CONTENT_ENCODING)
}

pub(super) async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Problem> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(Problem::TooLarge);
    }
    match tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(Problem::TooLarge),
        Ok(Err(_)) => Err(OAuthError::invalid_request("the body is broken off or malformed").into()),
        Err(_elapsed) => Err(Problem::TooSlow),
    }
}

/// Whether reading stopped because the body was too long.
fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error + 'static>::is::<LengthLimitError>)
}

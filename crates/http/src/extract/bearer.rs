//! The access token of a request (RFC 6750 section 2): in the header or in the form, never in the query.

use axum::{
    extract::{FromRequest, Request},
    http::Method,
};
use chancery_domain::secret::Secret;
use chancery_oauth::{error::OAuthError, parameters::Parameters};
use http::{HeaderMap, header::AUTHORIZATION};

use super::form::Form;
use crate::error::Problem;

/// The access token, if the request has one.
pub(crate) struct Bearer(pub(crate) Option<Secret>);

impl<S: Sync> FromRequest<S> for Bearer {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let query = Parameters::parse(request.uri().query().unwrap_or_default().as_bytes())?;
        if query.optional(TOKEN)?.is_some() {
            return Err(malformed("an access token does not belong in a URL"));
        }
        let header = from_header(request.headers())?;
        let has_form = request.method() == Method::POST && request.headers().contains_key("content-type");
        let form = if has_form { Some(Form::from_request(request, state).await?) } else { None };
        let posted = match &form {
            Some(form) => form.parameters.optional(TOKEN)?.map(|token| Secret::new(token.to_owned())),
            None => None,
        };
        match (header, posted) {
            (Some(_), Some(_)) => Err(malformed("the access token was sent in two ways")),
            (header, posted) => Ok(Self(header.or(posted))),
        }
    }
}

const TOKEN: &str = "access_token";

/// The token of the `Authorization` header.
pub(crate) fn from_header(headers: &HeaderMap) -> Result<Option<Secret>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("there is more than one Authorization header"));
    }
    let text = value.to_str().map_err(|_| malformed("the Authorization header is not plain ASCII"))?;
    let Some((scheme, token)) = text.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim_start_matches(' ');
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
    if token.is_empty() || !token.bytes().all(legal) {
        return Err(malformed("the Authorization header does not hold a bearer token"));
    }
    Ok(Some(Secret::new(token.to_owned())))
}

const fn malformed(hint: &'static str) -> Problem {
    Problem::OAuth(OAuthError::invalid_request(hint))
}

//! The access token of a request (RFC 6750 section 2, RFC 9449 section 7.1): in the header or in the form, never in the
//! query.

use axum::{
    extract::{FromRequest, Request},
    http::Method,
};
use chancery_domain::secret::Secret;
use chancery_oauth::{error::OAuthError, parameters::Parameters, userinfo::Scheme};
use http::{HeaderMap, header::AUTHORIZATION};

use super::form::Form;
use crate::error::Problem;

/// The access token of a request.
pub(crate) struct AccessToken {
    /// The token.
    pub(crate) text: Secret,
    /// The scheme that it came with: in a form it comes by itself.
    pub(crate) scheme: Scheme,
}

/// The access token, if the request has one.
pub(crate) struct Presented(pub(crate) Option<AccessToken>);

impl<S: Sync> FromRequest<S> for Presented {
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
            Some(form) => form
                .parameters
                .optional(TOKEN)?
                .map(|token| AccessToken { text: Secret::new(token.to_owned()), scheme: Scheme::Bearer }),
            None => None,
        };
        match (header, posted) {
            (Some(_), Some(_)) => Err(malformed("the access token was sent in two ways")),
            (header, posted) => Ok(Self(header.or(posted))),
        }
    }
}

const TOKEN: &str = "access_token";

/// The token of the `Authorization` header, if it comes by itself.
pub(crate) fn bearer_from_header(headers: &HeaderMap) -> Result<Option<Secret>, Problem> {
    let found = from_header(headers)?;
    Ok(found.and_then(|token| match token.scheme {
        Scheme::Bearer => Some(token.text),
        Scheme::Dpop => None,
    }))
}

/// The token of the `Authorization` header.
fn from_header(headers: &HeaderMap) -> Result<Option<AccessToken>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("there is more than one Authorization header"));
    }
    let text = value.to_str().map_err(|_| malformed("the Authorization header is not plain ASCII"))?;
    let Some((scheme, token)) = text.split_once(' ') else { return Ok(None) };
    let scheme = if scheme.eq_ignore_ascii_case("bearer") {
        Scheme::Bearer
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Scheme::Dpop
    } else {
        return Ok(None);
    };
    let token = token.trim_start_matches(' ');
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
    if token.is_empty() || !token.bytes().all(legal) {
        return Err(malformed("the Authorization header does not hold an access token"));
    }
    Ok(Some(AccessToken { text: Secret::new(token.to_owned()), scheme }))
}

const fn malformed(hint: &'static str) -> Problem {
    Problem::OAuth(OAuthError::invalid_request(hint))
}

//! Refusals where a bearer token is asked for (RFC 6750 section 3).

use axum::response::{IntoResponse, Response};
use chancery_domain::issuer::Issuer;
use chancery_oauth::{
    error::OAuthError,
    userinfo::{BearerError, NO_KEY},
};
use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};
use serde_json::json;

use super::Problem;

/// Why a bearer token opens nothing.
pub(crate) enum BearerProblem {
    /// There is none. No error is named then (RFC 6750 section 3.1).
    Missing,
    /// It is not good: unknown, expired, taken back, of another issuer or no access token at all.
    InvalidToken,
    /// It is good for other things.
    InsufficientScope,
    /// The request is wrong, or we failed.
    Other(Problem),
}

impl BearerProblem {
    /// The answer, with the challenge of this issuer.
    pub(crate) fn answer(self, issuer: &Issuer) -> Response {
        let (status, error, hint) = match self {
            Self::Missing => (StatusCode::UNAUTHORIZED, None, "an access token is needed"),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, Some("invalid_token"), "the access token is not good"),
            Self::InsufficientScope => {
                (StatusCode::FORBIDDEN, Some("insufficient_scope"), "the access token does not have the scope openid")
            }
            Self::Other(problem) => return other(problem, issuer),
        };
        let body = match error {
            Some(error) => super::json(&json!({ "error": error, "error_description": hint })),
            None => ().into_response(),
        };
        challenged(body, status, issuer, error, hint)
    }
}

/// What the caller did wrong is named in a challenge too; what we did wrong is not.
fn other(problem: Problem, issuer: &Issuer) -> Response {
    let (status, error, hint) = (problem.status(), problem.code(), problem.hint().to_owned());
    let response = problem.into_response();
    if status == StatusCode::BAD_REQUEST { challenged(response, status, issuer, Some(error), &hint) } else { response }
}

fn challenged(
    mut response: Response,
    status: StatusCode,
    issuer: &Issuer,
    error: Option<&str>,
    hint: &str,
) -> Response {
    *response.status_mut() = status;
    let challenge = match error {
        Some(error) => format!("Bearer realm=\"{issuer}\", error=\"{error}\", error_description=\"{hint}\""),
        None => format!("Bearer realm=\"{issuer}\""),
    };
    if let Ok(value) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}

impl From<BearerError> for BearerProblem {
    fn from(error: BearerError) -> Self {
        match error {
            BearerError::InvalidToken => Self::InvalidToken,
            BearerError::InsufficientScope => Self::InsufficientScope,
            BearerError::NoKey => Self::Other(OAuthError::invalid_request(NO_KEY).into()),
            BearerError::Ours(fault) => Self::Other(fault.into()),
        }
    }
}

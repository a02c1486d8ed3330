//! Refusals where an access token is asked for (RFC 6750 section 3, RFC 9449 section 7.1).

use axum::response::{IntoResponse, Response};
use chancery_domain::{issuer::Issuer, vocabulary::Algorithm};
use chancery_oauth::{
    dpop,
    error::OAuthError,
    userinfo::{BearerError, NO_KEY, Scheme},
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
    /// It is good, and not presented in the way that it is bound: with that scheme.
    Misused(Scheme),
    /// The proof that comes with it is not good, or we failed.
    Proof(Problem),
    /// The request is wrong, or we failed.
    Other(Problem),
}

impl BearerProblem {
    /// Whether a proof with a nonce of ours would help.
    pub(crate) const fn needs_nonce(&self) -> bool {
        matches!(self, Self::Proof(problem) if problem.needs_nonce())
    }

    /// The answer, with the challenge of this issuer to whoever came with that scheme.
    pub(crate) fn answer(self, issuer: &Issuer, scheme: Scheme) -> Response {
        let challenge = |scheme| Challenge { issuer, scheme };
        let (status, error, hint) = match self {
            Self::Missing => (StatusCode::UNAUTHORIZED, None, "an access token is needed"),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, Some("invalid_token"), "the access token is not good"),
            Self::InsufficientScope => {
                (StatusCode::FORBIDDEN, Some("insufficient_scope"), "the access token does not have the scope openid")
            }
            Self::Misused(scheme) => {
                let hint = "the access token is not presented in the way that it is bound";
                let body = super::json(&json!({ "error": "invalid_token", "error_description": hint }));
                return challenge(scheme).put(body, StatusCode::UNAUTHORIZED, Some("invalid_token"), hint);
            }
            Self::Proof(problem) => return other(problem, StatusCode::UNAUTHORIZED, &challenge(Scheme::Dpop)),
            Self::Other(problem) => return other(problem, StatusCode::BAD_REQUEST, &challenge(scheme)),
        };
        let body = match error {
            Some(error) => super::json(&json!({ "error": error, "error_description": hint })),
            None => ().into_response(),
        };
        challenge(scheme).put(body, status, error, hint)
    }
}

/// What the caller did wrong is named in a challenge too; what we did wrong is not.
fn other(problem: Problem, status: StatusCode, challenge: &Challenge<'_>) -> Response {
    let (usual, error, hint) = (problem.status(), problem.code(), problem.hint().to_owned());
    let response = problem.into_response();
    if usual == StatusCode::BAD_REQUEST { challenge.put(response, status, Some(error), &hint) } else { response }
}

/// What an answer asks for.
struct Challenge<'a> {
    issuer: &'a Issuer,
    scheme: Scheme,
}

impl Challenge<'_> {
    fn put(&self, mut response: Response, status: StatusCode, error: Option<&str>, hint: &str) -> Response {
        *response.status_mut() = status;
        if let Ok(value) = HeaderValue::try_from(self.text(error, hint)) {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        response
    }

    fn text(&self, error: Option<&str>, hint: &str) -> String {
        let scheme = match self.scheme {
            Scheme::Bearer => "Bearer",
            Scheme::Dpop => "DPoP",
        };
        let told = error.map(|error| format!(", error=\"{error}\", error_description=\"{hint}\"")).unwrap_or_default();
        let algorithms = match self.scheme {
            Scheme::Bearer => String::new(),
            Scheme::Dpop => format!(", algs=\"{}\"", dpop::ALGORITHMS.map(Algorithm::as_str).join(" ")),
        };
        format!("{scheme} realm=\"{}\"{told}{algorithms}", self.issuer)
    }
}

impl From<BearerError> for BearerProblem {
    fn from(error: BearerError) -> Self {
        match error {
            BearerError::InvalidToken => Self::InvalidToken,
            BearerError::InsufficientScope => Self::InsufficientScope,
            BearerError::Misused { scheme } => Self::Misused(scheme),
            BearerError::Proof(error) => Self::Proof(error.into()),
            BearerError::NoKey => Self::Other(OAuthError::invalid_request(NO_KEY).into()),
            BearerError::Ours(fault) => Self::Other(fault.into()),
        }
    }
}

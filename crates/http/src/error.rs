//! Every refusal on its way out, and the only place with status codes.

mod bearer;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use chancery_accounts::{password_link::ChoiceRefused, signin::SignInRefused, user_code::CodeRefused};
use chancery_domain::fault::{Fault, FaultKind};
use chancery_oauth::error::{ErrorCode, OAuthError};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::Serialize;

pub(crate) use bearer::BearerProblem;

/// Why a request is not answered as it wished.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The protocol refuses it, or we failed while we carried it out.
    OAuth(OAuthError),
    /// There is nothing at that path.
    NotFound,
    /// There is no such issuer, or none any more.
    UnknownIssuer,
    /// The request names a host that is not ours (RFC 9110 section 15.5.20).
    Misdirected,
    /// The issuer is suspended.
    Suspended,
    /// The path is right and the method is not; these would be.
    MethodNotAllowed(&'static str),
    /// The body is longer than anything that we read.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// The body is not a plain form.
    NotAForm,
    /// The body is not plain JSON.
    NotJson,
    /// The tenant lets nobody register clients.
    RegistrationClosed,
    /// The client is disabled, and cannot change that.
    ClientDisabled,
    /// A form of ours, sent by a page that is not ours.
    CrossSite,
    /// A form of ours that is too old, altered, or was made for another browser or another session.
    ForeignFlow,
    /// Our keys may be out of date, so we do not publish them.
    Stale,
    /// We took too long.
    TimedOut,
    /// A handler panicked.
    Panicked,
}

impl Problem {
    /// How long a client should wait where waiting helps, in seconds.
    pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

    /// The status of the answer to a machine.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::OAuth(OAuthError::Caller { code, .. }) => status(*code),
            Self::OAuth(OAuthError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::OAuth(OAuthError::Ours(fault)) => match fault.kind() {
                FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                FaultKind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::NotFound | Self::UnknownIssuer => StatusCode::NOT_FOUND,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Suspended | Self::CrossSite | Self::RegistrationClosed | Self::ClientDisabled => {
                StatusCode::FORBIDDEN
            }
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotAForm | Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ForeignFlow => StatusCode::BAD_REQUEST,
            Self::Stale | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The status of the page for a person: nobody asks a browser for client credentials.
    pub(crate) fn page_status(&self) -> StatusCode {
        match self.status() {
            StatusCode::UNAUTHORIZED => StatusCode::BAD_REQUEST,
            status => status,
        }
    }

    /// The error code (RFC 6749 sections 4.1.2.1 and 5.2).
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::OAuth(OAuthError::Caller { code, .. }) => code.as_str(),
            Self::OAuth(OAuthError::Ours(fault)) => match fault.kind() {
                FaultKind::Unavailable => "temporarily_unavailable",
                FaultKind::Broken => "server_error",
            },
            Self::NotFound | Self::UnknownIssuer => "not_found",
            Self::Suspended | Self::CrossSite | Self::RegistrationClosed | Self::ClientDisabled => "access_denied",
            Self::Misdirected
            | Self::MethodNotAllowed(_)
            | Self::TooLarge
            | Self::TooSlow
            | Self::NotAForm
            | Self::NotJson
            | Self::ForeignFlow => "invalid_request",
            Self::OAuth(OAuthError::TooMany { .. }) | Self::Stale | Self::TimedOut => "temporarily_unavailable",
            Self::Panicked => "server_error",
        }
    }

    /// What the caller can do about it: one sentence without a capital and a full stop.
    pub(crate) fn hint(&self) -> &str {
        match self {
            Self::OAuth(OAuthError::Caller { hint, .. }) => hint,
            Self::OAuth(OAuthError::TooMany { .. }) => "too many requests; try again later",
            Self::OAuth(OAuthError::Ours(fault)) => match fault.kind() {
                FaultKind::Unavailable => "something that we need does not answer; try again in a moment",
                FaultKind::Broken => "something went wrong on our side",
            },
            Self::NotFound => "there is nothing at this address",
            Self::UnknownIssuer => "there is no such issuer",
            Self::Misdirected => "this host is not served here",
            Self::Suspended => "this issuer is suspended",
            Self::MethodNotAllowed(_) => "this address does not take that method",
            Self::TooLarge => "the request is too large",
            Self::TooSlow => "the request did not arrive in time",
            Self::NotAForm => "the body must be application/x-www-form-urlencoded",
            Self::NotJson => "the body must be application/json",
            Self::RegistrationClosed => "this issuer lets nobody register clients",
            Self::ClientDisabled => "the client is disabled",
            Self::CrossSite => "the form was sent from another site",
            Self::ForeignFlow => "this page has expired or belongs to another browser; begin again at the application",
            Self::Stale => "the keys cannot be confirmed at the moment; try again soon",
            Self::TimedOut => "this took too long; try again in a moment",
            Self::Panicked => "something went wrong on our side",
        }
    }

    /// Whether a proof with a nonce of ours would help.
    pub(crate) const fn needs_nonce(&self) -> bool {
        matches!(self, Self::OAuth(OAuthError::Caller { code: ErrorCode::UseDpopNonce, .. }))
    }

    /// Writes what is ours to mend into the log, once: here, at the door that answers it.
    pub(crate) fn log(&self) {
        if let Self::OAuth(OAuthError::Ours(fault)) = self {
            tracing::error!(fault = %fault, "could not answer");
        }
    }

    /// The headers that follow from the problem.
    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        headers.insert(CACHE_CONTROL, NO_STORE);
        if let Self::MethodNotAllowed(allow) = self {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, Self::RETRY_AFTER);
        }
        if let Self::OAuth(OAuthError::TooMany { retry_after }) = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
        }
    }
}

/// The status of a protocol error at an endpoint for machines (RFC 6749 section 5.2, RFC 6750 section 3.1).
const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::InvalidRequest
        | ErrorCode::InvalidGrant
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedGrantType
        | ErrorCode::UnsupportedResponseType
        | ErrorCode::InvalidScope
        | ErrorCode::InvalidTarget
        | ErrorCode::AccessDenied
        | ErrorCode::AuthorizationPending
        | ErrorCode::SlowDown
        | ErrorCode::ExpiredToken
        | ErrorCode::LoginRequired
        | ErrorCode::ConsentRequired
        | ErrorCode::InteractionRequired
        | ErrorCode::AccountSelectionRequired
        | ErrorCode::UnmetAuthenticationRequirements
        | ErrorCode::RequestNotSupported
        | ErrorCode::RequestUriNotSupported
        | ErrorCode::InvalidRequestUri
        | ErrorCode::InvalidRequestObject
        | ErrorCode::InvalidDpopProof
        | ErrorCode::UseDpopNonce
        | ErrorCode::InvalidRedirectUri
        | ErrorCode::InvalidClientMetadata
        | ErrorCode::InvalidSoftwareStatement
        | ErrorCode::RegistrationNotSupported => StatusCode::BAD_REQUEST,
    }
}

/// The status of the sign-in page when it is shown again. Unknown, disabled and wrong are one.
pub(crate) const fn sign_in_status(refused: &SignInRefused) -> StatusCode {
    match refused {
        SignInRefused::Wrong => StatusCode::UNAUTHORIZED,
        SignInRefused::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        SignInRefused::Busy | SignInRefused::Ours(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The status of the page for a password when it is shown again; nothing was refused where two passwords differed.
pub(crate) const fn password_status(refused: Option<&ChoiceRefused>) -> StatusCode {
    match refused {
        None | Some(ChoiceRefused::Unfit(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(ChoiceRefused::Over) => StatusCode::NOT_FOUND,
        Some(ChoiceRefused::Busy | ChoiceRefused::Ours(_)) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The status of the page for the code of a device.
pub(crate) const fn user_code_status(refused: Option<&CodeRefused>) -> StatusCode {
    match refused {
        None => StatusCode::OK,
        Some(CodeRefused::Unknown) => StatusCode::NOT_FOUND,
        Some(CodeRefused::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(CodeRefused::Ours(_)) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The status of a process that should get no traffic.
pub(crate) const NOT_READY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

impl From<OAuthError> for Problem {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::OAuth(OAuthError::Ours(fault))
    }
}

/// As JSON (RFC 6749 section 5.2).
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let body = ErrorBody { error: self.code(), error_description: self.hint() };
        let mut response = json(&body);
        *response.status_mut() = self.status();
        self.mark(response.headers_mut());
        response
    }
}

/// A refusal by an endpoint where clients authenticate: a failed try with the header is answered with the way to try
/// again (RFC 6749 section 5.2).
pub(crate) struct ClientProblem {
    /// What is wrong.
    pub(crate) problem: Problem,
    /// The realm, which is the issuer, where the request had an `Authorization` header.
    pub(crate) realm: Option<String>,
}

impl IntoResponse for ClientProblem {
    fn into_response(self) -> Response {
        let challenge = self.realm.map(|realm| format!("Basic realm=\"{realm}\", charset=\"UTF-8\""));
        let mut response = self.problem.into_response();
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(value) = challenge.and_then(|text| HeaderValue::try_from(text).ok())
        {
            response.headers_mut().insert(WWW_AUTHENTICATE, value);
        }
        response
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'static str,
    error_description: &'a str,
}

/// The value of `Cache-Control` for everything that is not for everybody.
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The type of every answer to a machine.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer of 200 as JSON that nobody may keep (RFC 6749 section 5.1).
pub(crate) fn json(body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().insert(CONTENT_TYPE, JSON);
            response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
            response
        }
        Err(error) => {
            tracing::error!(fault = %error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An answer of 200 as a JWT of that media type, which nobody may keep either.
pub(crate) fn jwt(media_type: &'static str, token: String) -> Response {
    let mut response = Response::new(Body::from(token));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}

/// Whether the caller is a browser that wants to show something.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/html"))
}

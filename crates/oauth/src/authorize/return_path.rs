//! The way back to the client: once it is known, every error takes it.

use chancery_domain::{issuer::Issuer, view::TenantView, vocabulary::ResponseMode};

use super::{Answer, AuthorizationRequest, Refusal, redirect_uri::Target, response};
use crate::{error::OAuthError, parameters::Parameters};

/// Where and how answers to one request go.
pub(super) struct ReturnPath {
    pub(super) target: Target,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
    issuer: Issuer,
}

impl ReturnPath {
    /// Reads how the client wants to be answered. An error about the way itself goes by the query, and without a
    /// `state` that cannot be told.
    pub(super) fn assign(view: &TenantView, target: Target, parameters: &Parameters) -> Result<Self, Refusal> {
        let mut back = Self { target, mode: ResponseMode::Query, state: None, issuer: view.issuer.clone() };
        let (mode, state) = (response::check_mode(parameters), response::check_state(parameters));
        back.mode = *mode.as_ref().unwrap_or(&ResponseMode::Query);
        match (mode, state) {
            (Ok(_), Ok(state)) => Ok(Self { state, ..back }),
            (_, Err(error)) => Err(back.refuse(error)),
            (Err(error), Ok(state)) => Err(Self { state, ..back }.refuse(error)),
        }
    }

    /// The way that a checked request names.
    pub(super) fn of(view: &TenantView, request: &AuthorizationRequest) -> Self {
        Self {
            target: Target { uri: request.redirect_uri.clone(), asked: request.redirect_uri_asked },
            mode: request.response_mode,
            state: request.state.clone(),
            issuer: view.issuer.clone(),
        }
    }

    /// An answer with these parameters, then `state` and `iss`.
    pub(super) fn answer(self, mut parameters: Vec<(&'static str, String)>) -> Answer {
        parameters.extend(self.state.map(|state| ("state", state)));
        parameters.push(("iss", self.issuer.to_string()));
        Answer { redirect_uri: self.target.uri, mode: self.mode, parameters }
    }

    /// The error by this way (RFC 6749 section 4.1.2.1); a fault of ours is a page.
    pub(super) fn refuse(self, error: OAuthError) -> Refusal {
        match error {
            OAuthError::TooMany { .. } | OAuthError::Ours(_) => Refusal::Page(error),
            OAuthError::Caller { code, hint } => {
                let error = vec![("error", code.to_string()), ("error_description", hint.into_owned())];
                Refusal::Answer(self.answer(error))
            }
        }
    }
}

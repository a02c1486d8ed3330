//! The way back to the client: once it is known, every error takes it.

use chancery_domain::{client::Client, id::ClientId, issuer::Issuer, view::TenantView, vocabulary::ResponseMode};

use super::{Answer, AuthorizationRequest, Refusal, limits, presentation, redirect_uri::Target, response_mode};
use crate::{error::OAuthError, parameters::Parameters};

/// Where and how answers to one request go.
pub(super) struct ReturnPath {
    pub(super) target: Target,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<String>,
    client_id: ClientId,
    issuer: Issuer,
    /// The languages of the person, where the client registered itself: a stranger could ask wrongly on purpose, to have
    /// whoever follows a link to us sent on to wherever they like (RFC 9700 section 4.11.2).
    stranger_in: Option<Vec<String>>,
}

impl ReturnPath {
    /// Reads how the client wants to be answered. An error about the way itself goes by the way that goes without
    /// saying, and without a `state` that cannot be told.
    pub(super) fn assign(
        view: &TenantView,
        client: &Client,
        target: Target,
        parameters: &Parameters,
    ) -> Result<Self, Refusal> {
        let usual = response_mode::usual(parameters);
        let (client_id, issuer) = (client.id.clone(), view.issuer.clone());
        let stranger_in = client.registered_itself().then(|| presentation::ui_locales(parameters).unwrap_or_default());
        let mut back = Self { target, mode: usual, state: None, client_id, issuer, stranger_in };
        let mode = response_mode::check(parameters);
        let state = limits::at_most(parameters, "state", limits::STATE).map(|state| state.map(str::to_owned));
        back.mode = *mode.as_ref().unwrap_or(&usual);
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
            client_id: request.client_id.clone(),
            issuer: view.issuer.clone(),
            // What is refused from here on, a person was asked about or has to be asked about first.
            stranger_in: None,
        }
    }

    /// An answer with these parameters, then `state` and `iss`.
    pub(super) fn answer(self, mut parameters: Vec<(&'static str, String)>) -> Answer {
        parameters.extend(self.state.map(|state| ("state", state)));
        parameters.push(("iss", self.issuer.to_string()));
        let (client_id, redirect_uri) = (self.client_id, self.target.uri);
        Answer { client_id, redirect_uri, mode: self.mode, parameters, needs_a_word: None }
    }

    /// The error by this way (RFC 6749 section 4.1.2.1); a fault of ours is a page.
    pub(super) fn refuse(mut self, error: OAuthError) -> Refusal {
        match error {
            OAuthError::TooMany { .. } | OAuthError::Ours(_) => Refusal::Page(error),
            OAuthError::Caller { code, hint } => {
                let error = vec![("error", code.to_string()), ("error_description", hint.into_owned())];
                let needs_a_word = self.stranger_in.take();
                Refusal::Answer(Answer { needs_a_word, ..self.answer(error) })
            }
        }
    }
}

//! What the client wants back, and how (OAuth 2.0 Multiple Response Types, Form Post Response Mode).

use chancery_domain::{
    client::Client,
    profile::Profile,
    view::TenantView,
    vocabulary::{GrantType, ResponseMode, ResponseType},
};

use crate::{
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};

/// The longest `state` that we carry, in bytes.
const LONGEST_STATE: usize = 4096;

/// The response types that a profile offers; discovery tells the same.
pub(crate) const fn response_types(profile: Profile) -> &'static [ResponseType] {
    match profile {
        Profile::Oauth21 | Profile::Oidc => ResponseType::ALL,
    }
}

/// The `response_mode`; the query unless something else is asked.
pub(super) fn check_mode(parameters: &Parameters) -> Result<ResponseMode, OAuthError> {
    match parameters.optional("response_mode")? {
        None => Ok(ResponseMode::Query),
        Some(mode) => mode.parse().map_err(|_| OAuthError::invalid_request("response_mode must be query or form_post")),
    }
}

/// The `state`, which comes back byte for byte, or the request is refused.
pub(super) fn check_state(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    match parameters.optional("state")? {
        Some(state) if state.len() > LONGEST_STATE => {
            Err(OAuthError::invalid_request("state must be at most 4096 bytes"))
        }
        state => Ok(state.map(str::to_owned)),
    }
}

/// The `response_type`: one that the tenant offers, for a client that may use the grant behind it.
pub(super) fn check_type(view: &TenantView, client: &Client, parameters: &Parameters) -> Result<(), OAuthError> {
    let asked = parameters.one("response_type")?;
    let offered = response_types(view.tenant.profile);
    if !asked.parse().is_ok_and(|asked| offered.contains(&asked)) {
        return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, "response_type must be code"));
    }
    if client.grant_types.contains(&GrantType::AuthorizationCode) {
        Ok(())
    } else {
        let hint = "the application may not use the authorization_code grant";
        Err(OAuthError::new(ErrorCode::UnauthorizedClient, hint))
    }
}

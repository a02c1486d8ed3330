//! What else a request may carry for the ID token or about the user (OpenID Connect Core section 3.1.2.1).

use super::{AuthorizationRequest, asking::Asking, limits};
use crate::error::OAuthError;

/// The `nonce`. An ID token that leaves through the browser is nothing without it (OpenID Connect Core sections 3.2.2.1
/// and 3.3.2.11).
pub(super) fn check_nonce(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.nonce = limits::at_most(asking.parameters, "nonce", limits::NONCE)?.map(str::to_owned);
    if request.nonce.is_none() && request.response_type.has_id_token() {
        return Err(OAuthError::invalid_request("nonce is missing"));
    }
    Ok(())
}

/// The `login_hint`: a suggestion that the sign-in page may show.
pub(super) fn check_login_hint(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.login_hint = limits::at_most(asking.parameters, "login_hint", limits::HINT)?.map(str::to_owned);
    Ok(())
}

/// The user whom an `id_token_hint` names. An expired ID token of ours will do; anything else is refused.
pub(super) fn check_id_token_hint(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if limits::at_most(asking.parameters, "id_token_hint", limits::ID_TOKEN_HINT)?.is_none() {
        return Ok(());
    }
    let hint = asking.hint.as_ref().filter(|hint| hint.may_come_from(asking.client.id.as_str()));
    let hint = hint.ok_or(OAuthError::invalid_request("id_token_hint is not an ID token of this issuer"))?;
    request.hinted_user = Some(hint.user);
    Ok(())
}

//! Proof Key for Code Exchange at the authorization endpoint (RFC 7636 section 4.3, OAuth 2.1 section 4.1.1).

use super::{AuthorizationRequest, asking::Asking};
use crate::error::OAuthError;

/// The challenge: of method S256 and no other. A public client always sends one, and so does every client where the
/// profile or its own setting says so. Where no code is given there is nothing to bind.
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let Asking { view, client, parameters, .. } = asking;
    if !request.response_type.has_code() {
        return Ok(());
    }
    let required = client.is_public() || client.require_pkce || view.tenant.profile.always_requires_pkce();
    let Some(challenge) = parameters.optional("code_challenge")? else {
        let missing = OAuthError::invalid_request("code_challenge is missing");
        return if required { Err(missing) } else { Ok(()) };
    };
    if parameters.optional("code_challenge_method")? != Some("S256") {
        return Err(OAuthError::invalid_request("code_challenge_method must be S256"));
    }
    let malformed =
        |_| OAuthError::invalid_request("code_challenge must be the 43 characters of a SHA-256 in base64url");
    request.challenge = Some(challenge.parse().map_err(malformed)?);
    Ok(())
}

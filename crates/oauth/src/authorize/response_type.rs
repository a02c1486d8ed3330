//! What the client wants back (OAuth 2.0 Multiple Response Types).

use chancery_domain::vocabulary::{GrantType, ResponseType};

use super::{AuthorizationRequest, asking::Asking};
use crate::error::{ErrorCode, OAuthError};

/// The `response_type`: one that the tenant offers and the client registered, for a client that may use the grants
/// behind it.
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let asked = ResponseType::asked(asking.parameters.one("response_type")?);
    let offered = asked.filter(|asked| asking.view.tenant.response_types().any(|offered| offered == *asked));
    let Some(asked) = offered else {
        let hint = "response_type must be one that this provider offers";
        return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, hint));
    };
    if !asking.client.metadata.may_ask_for(asked) {
        let hint = "the application has not registered this response_type";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, hint));
    }
    let may_use = |grant| asking.client.grant_types.contains(&grant);
    if asked.has_code() && !may_use(GrantType::AuthorizationCode) {
        let hint = "the application may not use the authorization_code grant";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, hint));
    }
    if asked.has_front_channel_token() && !may_use(GrantType::Implicit) {
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, "the application may not use the implicit grant"));
    }
    request.response_type = asked;
    Ok(())
}

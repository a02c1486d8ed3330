//! What is asked for (RFC 6749 section 3.3, OpenID Connect Core section 11).

use chancery_domain::vocabulary::GrantType;

use super::{AuthorizationRequest, asking::Asking};
use crate::{error::OAuthError, scopes};

/// The `scope`: each must exist and be one that the client may ask for. None means none. `offline_access` is passed
/// over where the client may not use refresh tokens or gets no code; where it may, consent is remembered or asked before
/// anything is issued. An ID token belongs to `openid`.
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let mut asked = scopes::parse(asking.parameters)?.unwrap_or_default();
    if !asking.client.grant_types.contains(&GrantType::RefreshToken) || !request.response_type.has_code() {
        asked = asked.iter().filter(|scope| scope.as_str() != "offline_access").cloned().collect();
    }
    scopes::check(asking.view, asking.client, &asked)?;
    if request.response_type.has_id_token() && !asked.contains("openid") {
        return Err(OAuthError::invalid_request("scope must hold openid where response_type has id_token"));
    }
    request.scopes = asked;
    Ok(())
}

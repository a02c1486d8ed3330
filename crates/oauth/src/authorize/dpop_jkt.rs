//! The key that a code is bound to (RFC 9449 section 10).

use chancery_domain::{confirmation::Confirmation, tenant::DpopPolicy};

use super::{AuthorizationRequest, asking::Asking};
use crate::error::OAuthError;

/// The `dpop_jkt`: whoever redeems the code proves to have that key. An access token that leaves through the browser is
/// bound to nothing, so whoever gets none but bound ones gets none there.
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let policy = asking.view.tenant.settings.dpop;
    let must_be_bound = asking.client.metadata.tokens.dpop_bound || policy == DpopPolicy::Required;
    if must_be_bound && request.response_type.has_access_token() {
        let hint = "response_type must not hold token, because access tokens are bound to keys here";
        return Err(OAuthError::invalid_request(hint));
    }
    if policy == DpopPolicy::Off {
        return Ok(());
    }
    let malformed =
        |_| OAuthError::invalid_request("dpop_jkt must be the 43 characters of a SHA-256 thumbprint in base64url");
    let key = asking.parameters.optional("dpop_jkt")?.map(str::parse).transpose().map_err(malformed)?;
    request.confirmation = key.map(Confirmation::Jkt);
    Ok(())
}

//! Parameters that would change the meaning of a request and that we do not understand: they are refused by name
//! (OpenID Connect Core sections 3.1.2.6, 6 and 7.2.1). Every other unknown parameter is ignored.

use super::{AuthorizationRequest, asking::Asking};
use crate::error::{ErrorCode, OAuthError};

/// Refuses request objects and registration within the request.
pub(super) fn check(asking: &Asking<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let refused = [
        ("request", ErrorCode::RequestNotSupported, "request objects are not supported"),
        ("request_uri", ErrorCode::RequestUriNotSupported, "request objects by reference are not supported"),
        ("registration", ErrorCode::RegistrationNotSupported, "registration within a request is not supported"),
    ];
    for (name, code, hint) in refused {
        if asking.parameters.optional(name)?.is_some() {
            return Err(OAuthError::new(code, hint));
        }
    }
    Ok(())
}

//! What a sign-in must prove (OpenID Connect Core sections 3.1.2.1 and 5.5.1.1).

use chancery_domain::{session::Session, vocabulary::Acr};

use super::{AuthorizationRequest, asking::Asking, limits};
use crate::error::OAuthError;

/// The `acr_values`: wishes, in the order of preference. A client that has some is told what the sign-in proved,
/// whatever that was; what it cannot do without stands in `claims`.
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.acr.told |= limits::at_most(asking.parameters, "acr_values", limits::HINT)?.is_some();
    Ok(())
}

/// What the sign-in of a session proved, from how it was done.
pub(super) fn proven(session: &Session) -> Option<Acr> {
    session.amr.iter().any(|method| method == "pwd").then_some(Acr::Password)
}

//! The `resource` parameters (RFC 8707 section 2).

use super::{AuthorizationRequest, asking::Asking};
use crate::{error::OAuthError, resources};

/// Each one that the client may ask for, and fit for the scopes.
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let named = resources::parse(asking.parameters)?;
    resources::check(asking.view, asking.client, &named, &request.scopes)?;
    request.resources = named;
    Ok(())
}

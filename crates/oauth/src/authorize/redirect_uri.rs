//! Where answers may go (OAuth 2.1 section 2.3, RFC 9700 section 2.1).

use chancery_domain::client::Client;

use crate::{error::OAuthError, parameters::Parameters};

/// A place that the client registered.
pub(super) struct Target {
    pub(super) uri: String,
    /// Whether the request named it.
    pub(super) asked: bool,
}

/// The `redirect_uri`, byte for byte as registered. It may be left out where exactly one is registered and the request
/// is not one of OpenID Connect, which always names it (OpenID Connect Core section 3.1.2.1).
pub(super) fn check(client: &Client, parameters: &Parameters) -> Result<Target, OAuthError> {
    if let Some(asked) = parameters.optional("redirect_uri")? {
        recheck(client, asked)?;
        return Ok(Target { uri: asked.to_owned(), asked: true });
    }
    let is_openid = parameters.optional("scope")?.is_some_and(|scope| scope.split(' ').any(|s| s == "openid"));
    match client.redirect_uris.as_slice() {
        [only] if !is_openid => Ok(Target { uri: only.as_str().to_owned(), asked: false }),
        _ => Err(OAuthError::invalid_request("redirect_uri is missing")),
    }
}

/// Whether the client still has that place registered.
pub(super) fn recheck(client: &Client, uri: &str) -> Result<(), OAuthError> {
    if client.admits_redirect(uri) {
        Ok(())
    } else {
        Err(OAuthError::invalid_request("redirect_uri is not one that the application registered"))
    }
}

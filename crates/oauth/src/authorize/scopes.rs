//! What is asked for (RFC 6749 section 3.3, OpenID Connect Core section 11).

use chancery_domain::{client::Client, scope::ScopeSet, view::TenantView, vocabulary::GrantType};

use crate::{error::OAuthError, parameters::Parameters, scopes};

/// The `scope`: each must exist and be one that the client may ask for. None means none. `offline_access` is passed
/// over where the client may not use refresh tokens; where it may, consent is remembered or asked before anything is
/// issued.
pub(super) fn check(view: &TenantView, client: &Client, parameters: &Parameters) -> Result<ScopeSet, OAuthError> {
    let mut asked = scopes::parse(parameters)?.unwrap_or_default();
    if !client.grant_types.contains(&GrantType::RefreshToken) {
        asked = asked.iter().filter(|scope| scope.as_str() != "offline_access").cloned().collect();
    }
    scopes::check(view, client, &asked)?;
    Ok(asked)
}

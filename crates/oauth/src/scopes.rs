//! Scopes as they are asked for (RFC 6749 section 3.3).

use chancery_domain::{client::Client, scope::ScopeSet, view::TenantView};

use crate::{error::OAuthError, parameters::Parameters};

/// The parameter `scope`, if it was sent.
pub(crate) fn parse(parameters: &Parameters) -> Result<Option<ScopeSet>, OAuthError> {
    let malformed =
        |_| OAuthError::invalid_scope("scope must be at most 100 scopes of printable characters, with spaces between");
    parameters.optional("scope")?.map(ScopeSet::parse).transpose().map_err(malformed)
}

/// Whether all of these exist, and the client may ask for them.
pub(crate) fn check(view: &TenantView, client: &Client, asked: &ScopeSet) -> Result<(), OAuthError> {
    if asked.is_within(&client.scopes) && asked.iter().all(|scope| view.describe(scope.as_str()).is_some()) {
        Ok(())
    } else {
        Err(OAuthError::invalid_scope("a scope does not exist, or the client may not ask for it"))
    }
}

/// Those of a grant that the client may still have: what it lost since is left out.
pub(crate) fn remaining(client: &Client, granted: &ScopeSet) -> ScopeSet {
    granted.without(&granted.without(&client.scopes))
}

/// The scopes of one answer: what was granted, or less.
pub(crate) fn narrowed(granted: ScopeSet, asked: Option<ScopeSet>) -> Result<ScopeSet, OAuthError> {
    match asked {
        None => Ok(granted),
        Some(asked) if asked.is_within(&granted) => Ok(asked),
        Some(_) => Err(OAuthError::invalid_scope("scope is wider than what was granted")),
    }
}

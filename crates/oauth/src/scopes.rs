//! Scopes as they are asked for (RFC 6749 section 3.3).

use std::collections::BTreeSet;

use chancery_domain::{
    client::Client,
    scope::{BuiltInScope, ScopeSet},
    view::TenantView,
};

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

/// The names of the claims behind these scopes, the tenant's own scopes included.
pub(crate) fn opened<'a, 'b>(view: &'a TenantView, scopes: impl Iterator<Item = &'b str>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::from(["sub"]);
    for scope in scopes {
        names.extend(BuiltInScope::find(scope).into_iter().flat_map(|built_in| built_in.claims));
        let own = view.scopes.iter().find(|own| own.value.as_str() == scope);
        names.extend(own.into_iter().flat_map(|own| own.claims.iter().map(String::as_str)));
    }
    names
}

/// The scope among these that opens the claim, the one that everybody knows first.
pub(crate) fn behind<'a>(view: &'a TenantView, claim: &str, scopes: &ScopeSet) -> Option<&'a str> {
    let built_in = BuiltInScope::ALL.iter().find(|it| it.claims.contains(&claim) && scopes.contains(it.value));
    let own =
        || view.scopes.iter().find(|it| it.claims.iter().any(|own| own == claim) && scopes.contains(it.value.as_str()));
    built_in.map(|it| it.value).or_else(|| own().map(|it| it.value.as_str()))
}

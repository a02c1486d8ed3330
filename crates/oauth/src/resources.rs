//! Resource indicators (RFC 8707): for whom an access token is.
//!
//! A client that names resources gets tokens for those and no other. One that names none gets tokens for the resources
//! that the granted scopes belong to, and for this server where that is none; with `openid` this server's UserInfo is
//! always among them. This server is named by its issuer.
//!
//! Which resources a client may name is said by its scopes: those of which it may ask for one scope at least. So there
//! is one ceiling to look after and not two.

mod audience;

use chancery_domain::{
    client::Client,
    resource::{Resource, ResourceSet},
    scope::{ScopeSet, ScopeValue},
    view::TenantView,
};

pub(crate) use self::audience::{Aud, Audience};
use crate::{error::OAuthError, parameters::Parameters};

/// The parameter `resource`, which may be sent several times.
pub(crate) fn parse(parameters: &Parameters) -> Result<ResourceSet, OAuthError> {
    let mut named = Vec::new();
    for text in parameters.all("resource") {
        if named.len() == ResourceSet::MOST {
            return Err(OAuthError::invalid_target("resource must not be sent more than 20 times"));
        }
        let malformed = |_| OAuthError::invalid_target("resource must be an absolute URI without a fragment");
        named.push(text.parse().map_err(malformed)?);
    }
    Ok(named.into_iter().collect())
}

/// Whether the client may name all of these, and every scope that belongs to a resource belongs to one of them.
pub(crate) fn check(
    view: &TenantView,
    client: &Client,
    named: &ResourceSet,
    scopes: &ScopeSet,
) -> Result<(), OAuthError> {
    if !named.iter().all(|uri| may_name(view, client, uri.as_str())) {
        return Err(OAuthError::invalid_target("a resource does not exist, or the client may not ask for it"));
    }
    if scopes.iter().all(|scope| fits(view, named, scope)) {
        Ok(())
    } else {
        Err(OAuthError::invalid_scope("a scope belongs to a resource that the request does not name"))
    }
}

/// What a token request of a grant may have: resources, and those of the scopes that have a meaning there.
#[derive(Debug)]
pub(crate) struct Narrowed {
    /// The resources that the token is named for; empty where nobody named any.
    pub(crate) resources: ResourceSet,
    /// What the token allows.
    pub(crate) scopes: ScopeSet,
}

/// Narrows a grant to the resources that a token request names, which must be among those that were authorized: the ones
/// that the authorization request named, or else those that the granted scopes are for.
pub(crate) fn narrow(
    view: &TenantView,
    client: &Client,
    authorized: &ResourceSet,
    scopes: ScopeSet,
    asked: ResourceSet,
) -> Result<Narrowed, OAuthError> {
    if authorized.is_empty() && asked.is_empty() {
        return Ok(Narrowed { resources: asked, scopes });
    }
    let available: ResourceSet = if authorized.is_empty() {
        Audience::of(view, &ResourceSet::default(), &scopes).identifiers(view)
    } else {
        authorized.iter().filter(|uri| may_name(view, client, uri.as_str())).cloned().collect()
    };
    let resources = if asked.is_empty() { available.clone() } else { asked };
    if resources.is_empty() || !resources.iter().all(|uri| available.contains(uri.as_str())) {
        return Err(OAuthError::invalid_target("the resource was not authorized, or is gone"));
    }
    let scopes = scopes.iter().filter(|scope| fits(view, &resources, scope)).cloned().collect();
    Ok(Narrowed { resources, scopes })
}

/// Whether the client may name it: this server, or a resource of which it may ask for a scope.
pub(crate) fn may_name(view: &TenantView, client: &Client, uri: &str) -> bool {
    let within = |resource: &Resource| resource.scopes.meets(&client.scopes);
    uri == view.issuer.as_str() || view.resources.find(uri).is_some_and(within)
}

/// Whether a scope has a meaning where these are named: it belongs to one of them, or to none at all.
fn fits(view: &TenantView, named: &ResourceSet, scope: &ScopeValue) -> bool {
    let owner = view.resources.owner_of(scope.as_str());
    named.is_empty() || owner.is_none_or(|owner| named.contains(owner.identifier.as_str()))
}

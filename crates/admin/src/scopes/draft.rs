//! From what somebody sent to the scope that is written: for the calls about one scope, and for documents.

use chancery_domain::{
    change::Noun,
    fault::WriteError,
    id::{ScopeSlug, TenantSlug},
    resource::Resource,
    scope::{BuiltInScope, Scope, ScopeValue},
    time::Timestamp,
    version::Version,
};
use chancery_proto::v1;

use super::message;
use crate::{
    name,
    status::{Reason, Refusal},
    text,
};

/// A tenant has at most this many scopes of its own.
const MOST: usize = 1000;

/// A new scope.
pub(crate) fn fresh(sent: v1::Scope, slug: ScopeSlug, now: Timestamp) -> Result<Scope, Refusal> {
    let value: ScopeValue = text::read("scope.value", &sent.value)?;
    let scope = Scope {
        slug,
        value,
        description: String::new(),
        claims: Vec::new(),
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    };
    message::read(sent, scope)
}

/// Refuses a new scope whose id or value is taken, or for which a tenant with those others has no room.
pub(crate) fn admit<'a>(
    tenant: &TenantSlug,
    scope: &Scope,
    mut others: impl ExactSizeIterator<Item = &'a Scope>,
) -> Result<(), Refusal> {
    let full = others.len() >= MOST;
    let built_in = BuiltInScope::find(scope.value.as_str()).or_else(|| BuiltInScope::find(scope.slug.as_str()));
    let taken = |other: &Scope| other.slug == scope.slug || other.value == scope.value;
    if built_in.is_some() || others.any(taken) {
        let name = name::within(tenant, "scopes", &scope.slug);
        return Err(Refusal::from(WriteError::Taken(Noun::Scope)).about("Scope", &name));
    }
    if full {
        let most = format!("has {MOST} scopes, the most that a tenant may have");
        return Err(Refusal::precondition(Reason::TooManyScopes, &name::of_tenant(tenant), &most));
    }
    Ok(())
}

/// Refuses to remove a scope that belongs to one of those resources.
pub(crate) fn let_go<'a>(
    tenant: &TenantSlug,
    scope: &Scope,
    mut resources: impl Iterator<Item = &'a Resource>,
) -> Result<(), Refusal> {
    let Some(owner) = resources.find(|resource| resource.scopes.contains(scope.value.as_str())) else { return Ok(()) };
    let belongs = "belongs to a resource: take it from there first";
    let refusal = Refusal::precondition(Reason::ScopeInUse, &name::within(tenant, "scopes", &scope.slug), belongs);
    Err(refusal.with("resource", name::within(tenant, "resources", &owner.slug)))
}

//! Finding the scope that a call names.

use chancery_domain::{
    id::ScopeSlug,
    scope::{BuiltInScope, Scope},
};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
    text,
};

/// A scope of either kind.
pub(super) enum Found {
    /// One that every tenant has.
    BuiltIn(&'static BuiltInScope),
    /// One of the tenant's own.
    Own(Scope),
}

/// The scope of that id, which for a built-in one is its value.
pub(super) async fn find(reached: &Reached<'_>, id: &str) -> Result<Found, Refusal> {
    if let Some(scope) = BuiltInScope::find(id) {
        return Ok(Found::BuiltIn(scope));
    }
    let slug: ScopeSlug = text::read("name", id)?;
    let found = reached.read().scopes().find(&slug).await?;
    let name = || name::within(&reached.tenant.slug, "scopes", id);
    found.map(Found::Own).ok_or_else(|| Refusal::not_found(Reason::ScopeNotFound, "Scope", &name()))
}

/// The same, for a call that changes it: those that every tenant has stay as they are.
pub(super) async fn find_own(reached: &Reached<'_>, id: &str) -> Result<Scope, Refusal> {
    match find(reached, id).await? {
        Found::Own(scope) => Ok(scope),
        Found::BuiltIn(scope) => {
            let name = name::within(&reached.tenant.slug, "scopes", scope.value);
            Err(Refusal::precondition(Reason::ScopeBuiltIn, &name, "is a scope that every tenant has"))
        }
    }
}

//! Writing scopes with their audit events: for the calls about one scope, and for documents.

use chancery_domain::{audit::Action, change::Noun, fault::WriteError, scope::Scope, version::Version};

use crate::writing::Writing;

/// A new scope.
pub(crate) async fn insert(to: Writing<'_>, scope: &Scope) -> Result<(), WriteError> {
    to.rows.scopes().insert(scope).await?;
    Ok(to.audit(Action::Created, Noun::Scope, &scope.slug, (None, Some(scope.version))).await?)
}

/// A scope in place of what it was; guarded by the version that was read. Gives the new version.
pub(crate) async fn update(to: Writing<'_>, scope: &Scope) -> Result<Version, WriteError> {
    let version = to.rows.scopes().update(scope, to.now).await?;
    to.audit(Action::Updated, Noun::Scope, &scope.slug, (Some(scope.version), Some(version))).await?;
    Ok(version)
}

/// A scope goes; guarded by the version that was read.
pub(crate) async fn delete(to: Writing<'_>, scope: &Scope) -> Result<(), WriteError> {
    to.rows.scopes().delete(&scope.slug, scope.version).await?;
    Ok(to.audit(Action::Deleted, Noun::Scope, &scope.slug, (Some(scope.version), None)).await?)
}

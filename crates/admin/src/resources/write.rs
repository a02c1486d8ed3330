//! Writing resources with their audit events: for the calls about one resource, and for documents.

use chancery_domain::{
    audit::Action, change::Noun, fault::WriteError, resource::Resource, scope::ScopeSet, version::Version,
};
use chancery_keys::promise;

use crate::writing::Writing;

/// A new resource.
pub(crate) async fn insert(to: Writing<'_>, resource: &Resource) -> Result<(), WriteError> {
    to.rows.resources().insert(resource).await?;
    raise(to, resource).await?;
    Ok(to.audit(Action::Created, Noun::Resource, &resource.slug, (None, Some(resource.version))).await?)
}

/// A resource in place of what it was; guarded by the version that was read. Gives the new version.
pub(crate) async fn update(to: Writing<'_>, resource: &Resource) -> Result<Version, WriteError> {
    update_from(to, resource.version, resource).await
}

/// The second half of what [`release`] began with the same two.
pub(crate) async fn update_released(to: Writing<'_>, before: &Resource, after: &Resource) -> Result<(), WriteError> {
    let version = if kept(before, after).is_some() { before.version.next() } else { before.version };
    update_from(to, before.version, &Resource { version, ..after.clone() }).await.map(drop)
}

async fn update_from(to: Writing<'_>, before: Version, resource: &Resource) -> Result<Version, WriteError> {
    let version = to.rows.resources().update(resource, to.now).await?;
    raise(to, resource).await?;
    to.audit(Action::Updated, Noun::Resource, &resource.slug, (Some(before), Some(version))).await?;
    Ok(version)
}

/// A resource goes, and its scopes belong to nobody; guarded by the version that was read.
pub(crate) async fn delete(to: Writing<'_>, resource: &Resource) -> Result<(), WriteError> {
    to.rows.resources().delete(&resource.slug, resource.version).await?;
    Ok(to.audit(Action::Deleted, Noun::Resource, &resource.slug, (Some(resource.version), None)).await?)
}

/// The first half of an update among others: what is no longer the resource's belongs to nobody before anything else is
/// written, as it may be about to go, or to come to another.
pub(crate) async fn release(to: Writing<'_>, before: &Resource, after: &Resource) -> Result<(), WriteError> {
    let Some(scopes) = kept(before, after) else { return Ok(()) };
    to.rows.resources().update(&Resource { scopes, ..before.clone() }, to.now).await.map(drop)
}

/// The scopes that stay with it, where some do not.
fn kept(before: &Resource, after: &Resource) -> Option<ScopeSet> {
    let kept: ScopeSet = before.scopes.iter().filter(|scope| after.scopes.contains(scope.as_str())).cloned().collect();
    (kept != before.scopes).then_some(kept)
}

/// Before the first token of a longer life can leave, the keys know of it.
async fn raise(to: Writing<'_>, resource: &Resource) -> Result<(), WriteError> {
    match resource.access_token_ttl {
        Some(life) => promise::raise(to.rows, life, &to.cx.keys.margins, to.now).await,
        None => Ok(()),
    }
}

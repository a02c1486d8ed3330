//! Writing claim mappings with their audit events: for the calls about one mapping, and for documents.

use chancery_domain::{audit::Action, change::Noun, claim_mapping::ClaimMapping, fault::WriteError, version::Version};

use crate::writing::Writing;

/// A new mapping.
pub(crate) async fn insert(to: Writing<'_>, mapping: &ClaimMapping) -> Result<(), WriteError> {
    to.rows.claim_mappings().insert(mapping).await?;
    Ok(to.audit(Action::Created, Noun::ClaimMapping, &mapping.slug, (None, Some(mapping.version))).await?)
}

/// A mapping in place of what it was; guarded by the version that was read. Gives the new version.
pub(crate) async fn update(to: Writing<'_>, mapping: &ClaimMapping) -> Result<Version, WriteError> {
    update_from(to, mapping.version, mapping).await
}

/// The second half of what [`release`] began with the same two.
pub(crate) async fn update_released(
    to: Writing<'_>,
    before: &ClaimMapping,
    after: &ClaimMapping,
) -> Result<(), WriteError> {
    let version = if lets_go(before, after) { before.version.next() } else { before.version };
    update_from(to, before.version, &ClaimMapping { version, ..after.clone() }).await.map(drop)
}

async fn update_from(to: Writing<'_>, before: Version, mapping: &ClaimMapping) -> Result<Version, WriteError> {
    let version = to.rows.claim_mappings().update(mapping, to.now).await?;
    to.audit(Action::Updated, Noun::ClaimMapping, &mapping.slug, (Some(before), Some(version))).await?;
    Ok(version)
}

/// A mapping goes; guarded by the version that was read.
pub(crate) async fn delete(to: Writing<'_>, mapping: &ClaimMapping) -> Result<(), WriteError> {
    to.rows.claim_mappings().delete(&mapping.slug, mapping.version).await?;
    Ok(to.audit(Action::Deleted, Noun::ClaimMapping, &mapping.slug, (Some(mapping.version), None)).await?)
}

/// The first half of an update among others: what is for another client, or for all, is for nobody's client before anything
/// else is written, as it would go with the one that it was for.
pub(crate) async fn release(to: Writing<'_>, before: &ClaimMapping, after: &ClaimMapping) -> Result<(), WriteError> {
    if !lets_go(before, after) {
        return Ok(());
    }
    to.rows.claim_mappings().update(&ClaimMapping { client: None, ..before.clone() }, to.now).await.map(drop)
}

/// Whether it is no longer for the client that it was for.
fn lets_go(before: &ClaimMapping, after: &ClaimMapping) -> bool {
    before.client.is_some() && before.client != after.client
}

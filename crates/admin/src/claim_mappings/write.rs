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
    let version = to.rows.claim_mappings().update(mapping, to.now).await?;
    to.audit(Action::Updated, Noun::ClaimMapping, &mapping.slug, (Some(mapping.version), Some(version))).await?;
    Ok(version)
}

/// A mapping goes; guarded by the version that was read.
pub(crate) async fn delete(to: Writing<'_>, mapping: &ClaimMapping) -> Result<(), WriteError> {
    to.rows.claim_mappings().delete(&mapping.slug, mapping.version).await?;
    Ok(to.audit(Action::Deleted, Noun::ClaimMapping, &mapping.slug, (Some(mapping.version), None)).await?)
}

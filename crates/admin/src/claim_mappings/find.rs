//! Finding the mapping that a call names.

use chancery_domain::{claim_mapping::ClaimMapping, id::ClaimMappingSlug};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The mapping of that id.
pub(super) async fn find(reached: &Reached<'_>, id: &ClaimMappingSlug) -> Result<ClaimMapping, Refusal> {
    let found = reached.read().claim_mappings().find(id).await?;
    let name = || name::within(&reached.tenant.slug, "claimMappings", id);
    found.ok_or_else(|| Refusal::not_found(Reason::ClaimMappingNotFound, "ClaimMapping", &name()))
}

//! Finding the grant that a call names.

use chancery_domain::{id::GrantId, ports::grants::ListedGrant};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The grant.
pub(super) async fn find(reached: &Reached<'_>, id: GrantId) -> Result<ListedGrant, Refusal> {
    let found = reached.read().grant_lists().find(id).await?;
    let name = || name::within(&reached.tenant.slug, "grants", id);
    found.ok_or_else(|| Refusal::not_found(Reason::GrantNotFound, "Grant", &name()))
}

//! Finding the resource that a call names.

use chancery_domain::{id::ResourceSlug, resource::Resource};

use crate::{
    name,
    reach::Reached,
    status::{Reason, Refusal},
};

/// The resource of that id.
pub(super) async fn find(reached: &Reached<'_>, id: &ResourceSlug) -> Result<Resource, Refusal> {
    let found = reached.read().resources().find(id).await?;
    let name = || name::within(&reached.tenant.slug, "resources", id);
    found.ok_or_else(|| Refusal::not_found(Reason::ResourceNotFound, "Resource", &name()))
}

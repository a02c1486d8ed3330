//! What a call gives to others. Whoever approves it must have that themselves, as whoever makes it must.

use std::any::Any;

use chancery_domain::{admin_key::AdminReach, id::TenantSlug, permission::PermissionSet, ports::roles::RoleReads};
use chancery_proto::v1::{CreateApiKeyRequest, CreateRoleBindingRequest, UpdateRoleRequest};

use crate::{api_keys, roles::meant, status::Refusal};

/// What the request gives at that place, by the roles as they are now: most give nothing. `at` is the tenant of the
/// place, if it is one, and the place.
pub(super) async fn given(
    roles: &dyn RoleReads,
    request: &(dyn Any + Send + Sync),
    at: (Option<&TenantSlug>, AdminReach),
) -> Result<PermissionSet, Refusal> {
    if let Some(CreateRoleBindingRequest { role_binding: Some(binding), .. }) = request.downcast_ref() {
        return Ok(meant::read(roles, "role_binding.role", &binding.role, at).await?.permissions);
    }
    if let Some(request) = request.downcast_ref::<CreateApiKeyRequest>() {
        let meant = api_keys::roles(roles, &request.roles, at).await?;
        return Ok(meant.iter().fold(PermissionSet::EMPTY, |all, meant| all.union(&meant.permissions)));
    }
    if let Some(UpdateRoleRequest { role: Some(role), .. }) = request.downcast_ref() {
        // Everybody who has the role gets it. What is no permission, the call itself refuses.
        return Ok(role.permissions.iter().filter_map(|code| code.parse().ok()).collect());
    }
    Ok(PermissionSet::EMPTY)
}

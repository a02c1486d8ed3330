//! Which role is meant by a name, where somebody is to have it.

use chancery_domain::{
    admin_key::AdminReach, id::TenantSlug, permission::PermissionSet, ports::roles::RoleReads, role::BuiltInRole,
    role_binding::BoundRole,
};

use crate::{
    name::{self, RoleName},
    status::{Reason, Refusal},
};

/// The role of a name, with what is in it now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meant {
    /// The role, by its inner id.
    pub(crate) role: BoundRole,
    /// What is in it.
    pub(crate) permissions: PermissionSet,
}

impl Meant {
    /// A built-in role.
    pub(crate) fn built_in(role: BuiltInRole) -> Self {
        Self { role: BoundRole::BuiltIn(role), permissions: role.permissions() }
    }
}

/// The role that can be had at that place under that name. `parent` is the tenant of the place, if it is one.
pub(crate) async fn read(
    roles: &dyn RoleReads,
    field: &str,
    text: &str,
    (parent, place): (Option<&TenantSlug>, AdminReach),
) -> Result<Meant, Refusal> {
    match (name::role(field, text)?, place) {
        (RoleName::BuiltIn(role), AdminReach::Tenant(_)) if !role.is_for_tenants() => {
            Err(Refusal::field(field, "must be a role that can be had within a tenant"))
        }
        (RoleName::BuiltIn(role), AdminReach::Platform | AdminReach::Tenant(_)) => Ok(Meant::built_in(role)),
        (RoleName::Own(tenant, slug), AdminReach::Tenant(id)) if parent == Some(&tenant) => {
            let absent = || Refusal::not_found(Reason::RoleNotFound, "Role", text);
            let found = roles.find(id, &slug).await?.ok_or_else(absent)?;
            Ok(Meant { role: BoundRole::Custom(found.id), permissions: found.permissions })
        }
        (RoleName::Own(..), AdminReach::Platform | AdminReach::Tenant(_)) => {
            Err(Refusal::field(field, "must be a built-in role, or one of the same tenant"))
        }
    }
}

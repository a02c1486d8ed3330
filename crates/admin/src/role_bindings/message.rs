//! A role binding as message.

use chancery_domain::{
    admin_key::AdminReach,
    fault::Fault,
    id::TenantSlug,
    ports::roles::RoleReads,
    role::Role,
    role_binding::{BoundRole, RoleBinding},
};
use chancery_proto::v1;

use crate::{name, span};

/// The names of the roles that can stand in bindings of one place.
pub(super) struct Names<'a> {
    tenant: Option<&'a TenantSlug>,
    own: Vec<Role>,
}

impl<'a> Names<'a> {
    /// Those of that place; `tenant` is the one that it is, if it is one.
    pub(super) async fn of(
        roles: &dyn RoleReads,
        tenant: Option<&'a TenantSlug>,
        place: AdminReach,
    ) -> Result<Self, Fault> {
        let own = match place {
            AdminReach::Platform => Vec::new(),
            AdminReach::Tenant(id) => roles.all(id).await?,
        };
        Ok(Self { tenant, own })
    }

    /// The binding as callers see it.
    pub(super) fn message(&self, binding: &RoleBinding) -> v1::RoleBinding {
        let platform = || format!("roleBindings/{}", binding.id);
        v1::RoleBinding {
            name: self.tenant.map_or_else(platform, |tenant| name::within(tenant, "roleBindings", binding.id)),
            uid: binding.id.to_string(),
            role: self.role(binding.role),
            member: binding.member.to_string(),
            create_time: Some(span::moment(binding.created_at)),
            expire_time: binding.expires_at.map(span::moment),
        }
    }

    /// The name of a role as it is now; empty where it has gone between two reads.
    fn role(&self, role: BoundRole) -> String {
        match (role, self.tenant) {
            (BoundRole::BuiltIn(role), _) => format!("roles/{role}"),
            (BoundRole::Custom(id), Some(tenant)) => {
                let found = self.own.iter().find(|role| role.id == id);
                found.map_or_else(String::new, |role| name::within(tenant, "roles", &role.slug))
            }
            (BoundRole::Custom(_), None) => String::new(),
        }
    }
}

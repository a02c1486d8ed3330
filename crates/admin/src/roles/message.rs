//! A role as message, and a message as role.

use chancery_domain::{
    id::TenantSlug,
    permission::{Permission, PermissionSet},
    role::{BuiltInRole, Role},
};
use chancery_proto::v1;

use crate::{etag, name, span, status::Refusal, text};

/// A tenant's own role as callers see it.
pub(super) fn of(tenant: &TenantSlug, role: &Role) -> v1::Role {
    v1::Role {
        name: name::within(tenant, "roles", &role.slug),
        uid: role.id.to_string(),
        display_name: role.display_name.clone(),
        permissions: codes(&role.permissions),
        built_in: false,
        create_time: Some(span::moment(role.created_at)),
        update_time: Some(span::moment(role.updated_at)),
        etag: etag(role),
    }
}

/// A role that every deployment has.
pub(super) fn of_built_in(role: BuiltInRole) -> v1::Role {
    v1::Role {
        name: format!("roles/{role}"),
        display_name: role.description().to_owned(),
        permissions: codes(&role.permissions()),
        built_in: true,
        ..v1::Role::default()
    }
}

fn codes(permissions: &PermissionSet) -> Vec<String> {
    permissions.iter().map(|permission| permission.code().to_owned()).collect()
}

/// The tag of a role as it stands.
pub(super) fn etag(role: &Role) -> String {
    etag::of(role.id, role.version)
}

/// The role with what was sent; its id stays.
pub(super) fn read(sent: &v1::Role, role: Role) -> Result<Role, Refusal> {
    let display_name = text::display_name("role.display_name", &sent.display_name)?;
    if sent.permissions.is_empty() {
        return Err(Refusal::field("role.permissions", "must hold one at least"));
    }
    let in_tenants = BuiltInRole::TenantAdmin.permissions();
    let mut permissions = PermissionSet::EMPTY;
    let mut wrong = Vec::new();
    for (place, code) in sent.permissions.iter().enumerate() {
        let path = format!("role.permissions[{place}]");
        match code.parse::<Permission>() {
            Ok(permission) if in_tenants.contains(permission) => permissions.insert(permission),
            Ok(_) => wrong.push((path, "must be a permission that can be held in a tenant")),
            Err(malformed) => wrong.push((path, malformed.rule)),
        }
    }
    if wrong.is_empty() { Ok(Role { display_name, permissions, ..role }) } else { Err(Refusal::fields(wrong)) }
}

//! Roles, those that are built in and those that tenants make: one file for each call.

mod create;
mod delete;
mod get;
mod list;
pub(crate) mod meant;
mod message;
mod update;

use chancery_domain::{
    id::{RoleSlug, TenantSlug},
    role::Role as Own,
};
use chancery_proto::v1::{
    CreateRoleRequest, DeleteRoleRequest, GetRoleRequest, ListRolesRequest, ListRolesResponse, Role, UpdateRoleRequest,
};

use crate::{
    context::Context,
    mask::{self, Field},
    name::{self, RoleName},
    reach::Reached,
    service::service,
    status::{Reason, Refusal},
};

service! {
    /// Answers the calls about roles.
    Roles serves role_service_server::RoleService {
        list_roles(ListRolesRequest) -> ListRolesResponse = list::list;
        get_role(GetRoleRequest) -> Role = get::get;
        create_role(CreateRoleRequest) -> Role = create::create;
        update_role(UpdateRoleRequest) -> Role = update::update;
        delete_role(DeleteRoleRequest) -> () = delete::delete;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<Role>] = mask::fields! {
    Role {
        open: display_name, permissions;
        fixed: ;
        output: name, uid, built_in, create_time, update_time, etag;
    }
};

/// Reads the name of a tenant's own role. Built-in ones stay as they are.
fn own_name(field: &str, text: &str) -> Result<(TenantSlug, RoleSlug), Refusal> {
    match name::role(field, text)? {
        RoleName::Own(tenant, slug) => Ok((tenant, slug)),
        RoleName::BuiltIn(_) => Err(Refusal::field(field, "must be a role of a tenant: those that are built in stay")),
    }
}

/// A tenant's own role.
async fn find(cx: &Context, reached: &Reached<'_>, slug: &RoleSlug) -> Result<Own, Refusal> {
    let found = cx.platform.read().roles().find(reached.tenant.id, slug).await?;
    let name = name::within(&reached.tenant.slug, "roles", slug);
    found.ok_or_else(|| Refusal::not_found(Reason::RoleNotFound, "Role", &name))
}

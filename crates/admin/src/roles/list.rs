//! `ListRoles`.

use chancery_domain::{
    admin_key::AdminReach,
    role::{BuiltInRole, ListedRole, Role},
};
use chancery_proto::v1::{ListRolesRequest, ListRolesResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Roles that can be had in a tenant: first the built-in ones, then its own, each in the order of their names unless asked
/// otherwise. Without a tenant, every built-in role.
pub(super) async fn list(cx: &Context, call: &Call, request: ListRolesRequest) -> Result<ListRolesResponse, Refusal> {
    let parent = name::optional_tenant("parent", &request.parent)?;
    let place = reach::readable_place(cx, call, parent.as_ref()).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let own: Vec<Role> = match place {
        AdminReach::Platform => Vec::new(),
        AdminReach::Tenant(tenant) => cx.platform.read().roles().all(tenant).await?,
    };
    let fits = |role: &&BuiltInRole| place == AdminReach::Platform || role.is_for_tenants();
    let built_in = BuiltInRole::ALL.iter().filter(fits).copied().map(ListedRole::BuiltIn);
    let page = query.of(built_in.chain(own.iter().map(ListedRole::Own)), ListedRole::field, ListedRole::position);
    let roles = page.rows.iter().filter_map(|role| match (role, &parent) {
        (ListedRole::BuiltIn(role), _) => Some(message::of_built_in(*role)),
        (ListedRole::Own(role), parent) => parent.as_ref().map(|slug| message::of(slug, role)),
    });
    Ok(ListRolesResponse { roles: roles.collect(), next_page_token: asked.token(page.next)? })
}

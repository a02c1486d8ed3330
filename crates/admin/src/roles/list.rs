//! `ListRoles`.

use chancery_domain::{admin_key::AdminReach, role::BuiltInRole};
use chancery_proto::v1::{ListRolesRequest, ListRolesResponse, Role};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Roles that can be had in a tenant: first the built-in ones, then its own, each in the order of their names. Without a
/// tenant, every built-in role.
pub(super) async fn list(cx: &Context, call: &Call, request: ListRolesRequest) -> Result<ListRolesResponse, Refusal> {
    let parent = name::optional_tenant("parent", &request.parent)?;
    let place = reach::readable_place(cx, call, parent.as_ref()).await?;
    let asked = page::asked(cx, call, &request)?;
    let fits = |role: &&BuiltInRole| place == AdminReach::Platform || role.is_for_tenants();
    let mut roles: Vec<_> = BuiltInRole::ALL.iter().filter(fits).copied().map(message::of_built_in).collect();
    if let (Some(slug), AdminReach::Tenant(tenant)) = (&parent, place) {
        let own = cx.platform.read().roles().all(tenant).await?;
        roles.extend(own.iter().map(|role| message::of(slug, role)));
    }
    let position = |role: &Role| format!("{}{}", u8::from(!role.built_in), role.name);
    roles.sort_by_key(position);
    let page = asked.cut(roles, position);
    Ok(ListRolesResponse { roles: page.rows, next_page_token: asked.token(page.next)? })
}

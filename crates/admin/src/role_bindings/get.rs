//! `GetRoleBinding`.

use chancery_proto::v1::{GetRoleBindingRequest, RoleBinding};

use super::message::Names;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// One role binding.
pub(super) async fn get(cx: &Context, call: &Call, request: GetRoleBindingRequest) -> Result<RoleBinding, Refusal> {
    let (parent, id) = name::role_binding("name", &request.name)?;
    let place = reach::readable_place(cx, call, parent.as_ref()).await?;
    let platform = cx.platform.read();
    let found = platform.role_bindings().find(place, id).await?;
    let absent = || Refusal::not_found(Reason::RoleBindingNotFound, "RoleBinding", &request.name);
    let binding = found.ok_or_else(absent)?;
    Ok(Names::of(platform.roles(), parent.as_ref(), place).await?.message(&binding))
}

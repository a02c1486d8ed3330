//! `DeleteRoleBinding`.

use chancery_domain::{admin_key::AdminReach, audit::Action, change::Noun};
use chancery_proto::v1::DeleteRoleBindingRequest;

use super::tenant_of;
use crate::{
    call::Call,
    context::Context,
    last_owner, name, permit, reach,
    status::{Reason, Refusal},
};

/// Takes a role from somebody: it counts from their next call on.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteRoleBindingRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (parent, id) = name::role_binding("name", &request.name)?;
    let place = reach::writable_place(cx, call, parent.as_ref()).await?;
    if place == AdminReach::Platform {
        permit::fresh(&call.caller, now)?;
    }
    let absent = || Refusal::not_found(Reason::RoleBindingNotFound, "RoleBinding", &request.name);
    let tx = cx.platform.begin().await?;
    let binding = tx.role_bindings().find(place, id).await?.ok_or_else(absent)?;
    last_owner::keep(cx, &*tx, &request.name, |owner| owner.id == id, now).await?;
    if request.validate_only {
        return Ok(());
    }
    if !tx.role_bindings().delete(&binding).await? {
        return Err(absent());
    }
    let event = call.event(tenant_of(place), now, Action::Deleted);
    tx.audit(event.about(Noun::RoleBinding, &id).noting(binding.said())).await?;
    Ok(tx.commit().await?)
}

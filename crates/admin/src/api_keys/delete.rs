//! `DeleteApiKey`.

use chancery_domain::{
    admin_key::AdminReach, audit::Action, change::Noun, principal::Principal, role_binding::Unbound,
};
use chancery_proto::v1::DeleteApiKeyRequest;

use super::message;
use crate::{
    call::Call,
    context::Context,
    delegation, last_owner, name, permit, reach,
    status::{Reason, Refusal},
};

/// Removes a key: it is refused from then on. Its roles go with it, so it takes no less than to take those.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteApiKeyRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (parent, id) = name::api_key("name", &request.name)?;
    let reach = reach::writable_place(cx, call, parent.as_ref()).await?;
    if reach == AdminReach::Platform {
        permit::fresh(&call.caller, now)?;
    }
    let absent = || Refusal::not_found(Reason::ApiKeyNotFound, "ApiKey", &request.name);
    let tx = cx.platform.begin().await?;
    let found = tx.admin_keys().find(id).await?;
    found.filter(|key| key.reach == reach).ok_or_else(absent)?;
    let member = Principal::ApiKey(id);
    delegation::takes_no_more(&*tx, call, &member, now).await?;
    last_owner::keep_without(cx, &*tx, &request.name, &member, now).await?;
    if request.validate_only {
        return Ok(());
    }
    let bindings = tx.role_bindings().delete_of(&member).await?;
    if !tx.admin_keys().delete(id).await? {
        return Err(absent());
    }
    for Unbound { id, place, said } in bindings {
        // A key of the platform can have roles in tenants, and each of those is told there.
        let event = call.event(message::tenant(place), now, Action::Deleted);
        tx.audit(event.about(Noun::RoleBinding, &id).noting(said)).await?;
    }
    tx.audit(call.event(message::tenant(reach), now, Action::Deleted).about(Noun::AdminKey, &id)).await?;
    Ok(tx.commit().await?)
}

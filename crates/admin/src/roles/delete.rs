//! `DeleteRole`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::DeleteRoleRequest;

use super::{find, message, own_name};
use crate::{
    call::Call,
    context::Context,
    etag, reach,
    status::{Reason, Refusal},
};

/// Removes a role that nobody has.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteRoleRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (tenant, slug) = own_name("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(cx, &reached, &slug).await?;
    etag::check(&request.etag, &message::etag(&stored))?;

    let (id, tx) = (reached.tenant.id, cx.platform.begin().await?);
    if tx.role_bindings().is_bound(id, stored.id).await? {
        return Err(Refusal::precondition(Reason::RoleInUse, &request.name, "is the role of somebody still"));
    }
    if request.validate_only {
        return Ok(());
    }
    tx.roles().delete(id, stored.id, stored.version).await?;
    tx.audit(call.event(Some(id), now, Action::Deleted).about(Noun::Role, &stored.id)).await?;
    Ok(tx.commit().await?)
}

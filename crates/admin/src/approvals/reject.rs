//! `RejectApproval`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{self, RejectApprovalRequest};

use super::{
    find::{find, tenant_of},
    message,
};
use crate::{
    call::Call,
    context::Context,
    status::{Reason, Refusal},
};

/// Refuses a call that somebody else wants to make, or takes back one's own.
pub(super) async fn reject(cx: &Context, call: &Call, request: RejectApprovalRequest) -> Result<v1::Approval, Refusal> {
    let now = cx.clock.now();
    let tx = cx.platform.begin().await?;
    let held = call.caller.hold(&*tx, now).await?;
    let approval = find(tx.approvals(), (call, &held), &request.name, now).await?;
    let state = approval.state().label();
    let refused = |_| Refusal::precondition(Reason::ApprovalState, &request.name, &format!("is {state}"));
    let rejected = approval.clone().reject(call.caller.principal().clone(), now).map_err(refused)?;
    tx.approvals().update(&rejected).await?;
    let event = call.event(tenant_of(rejected.place), now, Action::Rejected);
    tx.audit(event.about(Noun::Approval, &rejected.id).because(rejected.permission.code())).await?;
    tx.commit().await?;
    Ok(message::of(cx.platform.read().tenants(), &rejected).await?)
}

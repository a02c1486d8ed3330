//! `ApproveApproval`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{self, ApproveApprovalRequest};

use super::{
    find::{find, tenant_of},
    message,
};
use crate::{
    call::Call,
    context::Context,
    delegation, permit, reach,
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
};

/// Allows a call that somebody else wants to make and the caller could make too: what it gives, they have themselves.
pub(super) async fn approve(
    cx: &Context,
    call: &Call,
    request: ApproveApprovalRequest,
) -> Result<v1::Approval, Refusal> {
    permit::fresh(&call.caller, cx.clock.now())?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Platform(cx), work(cx, call, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    named: Option<&Named>,
    request: &ApproveApprovalRequest,
) -> Result<v1::Approval, Refusal> {
    let now = cx.clock.now();
    let tx = cx.platform.begin().await?;
    let held = call.caller.hold(&*tx, now).await?;
    let approval = find(tx.approvals(), (call, &held), &request.name, now).await?;
    if approval.asked_by == *call.caller.principal() {
        return Err(Refusal::new(Reason::ApprovalOwn, "somebody else has to approve what you asked for"));
    }
    if !held.at(approval.place).contains(approval.permission) {
        return Err(reach::denied(approval.permission));
    }
    delegation::check(&*tx, call, approval.place, &approval.gives, now).await?;
    if !request.request_digest.is_empty() && request.request_digest != message::digest(&approval.request) {
        return Err(Refusal::field("request_digest", "must be that of the approval"));
    }
    let state = approval.state().label();
    let refused = |_| Refusal::precondition(Reason::ApprovalState, &request.name, &format!("is {state}"));
    let approved = approval.clone().approve(call.caller.principal().clone(), now).map_err(refused)?;
    tx.approvals().update(&approved).await?;
    let event = call.event(tenant_of(approved.place), now, Action::Approved);
    tx.audit(event.about(Noun::Approval, &approved.id).because(approved.permission.code())).await?;
    let answer = message::of(tx.tenants(), &approved).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

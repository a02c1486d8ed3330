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
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
};

/// Refuses a call that somebody else wants to make, or takes back one's own.
pub(super) async fn reject(cx: &Context, call: &Call, request: RejectApprovalRequest) -> Result<v1::Approval, Refusal> {
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Platform(cx), work(cx, call, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    named: Option<&Named>,
    request: &RejectApprovalRequest,
) -> Result<v1::Approval, Refusal> {
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
    let answer = message::of(tx.tenants(), &rejected).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

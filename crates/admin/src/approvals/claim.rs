//! What stands before every verb: a call whose permission the deployment has put under a second caller's approval goes
//! on only when it is approved, and then once.
//!
//! The approval is spent before the verb begins, in a transaction of its own, and given back when the verb refuses. So
//! however the same request is repeated, and whatever breaks in between, one approval lets one call through at most.

use chancery_domain::{
    approval::{Approval, ApprovalState, Asked},
    audit::Action,
    change::Noun,
    fault::WriteError,
    id::ApprovalId,
    permission::Permission,
    ports::platform::PlatformTx,
    time::Timestamp,
};
use prost::Message;

use super::{find::tenant_of, message, request};
use crate::{
    call::Call,
    context::Context,
    reach,
    status::{Reason, Refusal},
};

/// An approval that was spent on a call, where the call needed one.
#[must_use = "what was claimed is given back when the call is refused"]
pub(crate) struct Claim(Option<Approval>);

/// Lets the call go on, if it needs no approval or has one. Else there is one to be approved afterwards, which the
/// refusal names.
pub(crate) async fn claim(cx: &Context, call: &Call, request: &impl Message) -> Result<Claim, Refusal> {
    let Some(permission) = call.permission.filter(|permission| cx.second_approver.contains(*permission)) else {
        return Ok(Claim(None));
    };
    let seen = request::see(call.method, request)?;
    if seen.is_trial {
        return Ok(Claim(None));
    }
    // Refuses as the verb would, so that nobody asks for an approval of what they may not do.
    let place = reach::readable_place(cx, call, seen.tenant.as_ref()).await?;
    let digest = cx.keys.masters.fingerprint("approval", &seen.bytes)?;
    let asked = Asked {
        place,
        method: call.method.to_owned(),
        permission,
        summary: seen.summary,
        request: digest,
        by: call.caller.principal().clone(),
    };
    let now = cx.clock.now();
    let tx = cx.platform.begin().await?;
    let mut theirs = tx.approvals().live(now).await?;
    theirs.retain(|approval| approval.asked_by == asked.by);
    let full = theirs.len() >= Approval::MOST;
    let is_same = |approval: &Approval| {
        approval.method == asked.method && approval.request == asked.request && approval.place == asked.place
    };
    theirs.retain(is_same);
    let Some(approval) = theirs.pop() else { return Err(ask(cx, call, tx, asked, full, now).await?) };
    match approval.state() {
        ApprovalState::Pending => Err(required(&approval)),
        ApprovalState::Rejected(_) => {
            let name = message::name(approval.id);
            Err(Refusal::precondition(Reason::ApprovalState, &name, "was rejected").with("approval", name.clone()))
        }
        ApprovalState::Approved(_) => spend(call, tx, approval, permission, now).await,
        // A request that names itself is answered as before.
        ApprovalState::Spent(_) if seen.is_named => Ok(Claim(None)),
        ApprovalState::Spent(_) => Err(ask(cx, call, tx, asked, full, now).await?),
    }
}

/// Writes down what waits for approval, and gives the refusal that names it.
async fn ask(
    cx: &Context,
    call: &Call,
    tx: Box<dyn PlatformTx>,
    asked: Asked,
    full: bool,
    now: Timestamp,
) -> Result<Refusal, Refusal> {
    if full {
        let most = format!("{} of your calls wait for approval already", Approval::MOST);
        return Err(Refusal::new(Reason::TooManyApprovals, most));
    }
    let approval = Approval::ask(ApprovalId::generate(&*cx.random, now), asked, now);
    tx.approvals().insert(&approval).await?;
    let event = call.event(tenant_of(approval.place), now, Action::Created);
    tx.audit(event.about(Noun::Approval, &approval.id).because(approval.permission.code())).await?;
    tx.commit().await?;
    Ok(required(&approval))
}

async fn spend(
    call: &Call,
    tx: Box<dyn PlatformTx>,
    approval: Approval,
    permission: Permission,
    now: Timestamp,
) -> Result<Claim, Refusal> {
    let version = approval.version;
    let spent = approval.spend().map_err(|_| Refusal::stale(None))?;
    match tx.approvals().update(&spent).await {
        Ok(()) => {}
        // The same request, sent twice at once: the other one has it.
        Err(WriteError::Stale | WriteError::Taken(_)) => return Err(required(&spent)),
        Err(WriteError::Fault(fault)) => return Err(fault.into()),
    }
    let event = call.event(tenant_of(spent.place), now, Action::ApprovalSpent);
    tx.audit(event.about(Noun::Approval, &spent.id).because(permission.code())).await?;
    tx.commit().await?;
    let state = spent.state().clone();
    Ok(Claim(Some(spent.stored_as(state, version.next()))))
}

/// Gives the approval back when the call was refused. Should that fail, somebody has to approve again.
pub(crate) async fn settle(cx: &Context, claim: Claim, carried_out: bool) {
    let Claim(Some(spent)) = claim else { return };
    let (id, back) = (spent.id, spent.give_back());
    let (false, Ok(approved)) = (carried_out, back) else { return };
    let given_back = async {
        let tx = cx.platform.begin().await?;
        tx.approvals().update(&approved).await?;
        tx.commit().await.map_err(WriteError::from)
    };
    if let Err(error) = given_back.await {
        tracing::warn!(approval.id = %id, error = %error, "an approval of a refused call stays spent");
    }
}

fn required(approval: &Approval) -> Refusal {
    let name = message::name(approval.id);
    let text = format!("somebody else has to approve this: {name}, then make the same call again");
    Refusal::new(Reason::ApprovalRequired, text).with("approval", name)
}

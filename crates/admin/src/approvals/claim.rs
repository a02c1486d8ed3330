//! What stands before every verb: a call whose permission the deployment has put under a second caller's approval goes
//! on only when it is approved, and then once.
//!
//! The approval is spent before the verb begins, in a transaction of its own, and given back when the verb refuses and has
//! left nothing for certain. So however the same request is repeated, and whatever breaks in between, one approval lets one
//! call through at most.

use chancery_domain::{
    admin_key::AdminReach,
    approval::{Approval, ApprovalState, Asked},
    audit::Action,
    change::Noun,
    fault::WriteError,
    id::ApprovalId,
    permission::{Permission, PermissionSet},
    ports::platform::PlatformTx,
    time::Timestamp,
};
use prost::Message;

use super::{find::tenant_of, given::given, message, request};
use crate::{
    call::Call,
    context::Context,
    reach,
    status::{Reason, Refusal},
};

/// How much of a request is shown, in characters.
const SHOWN: usize = 4000;

/// The approvals that were spent on a call, where it needed some.
#[must_use = "what was claimed is given back when the call is refused"]
pub(crate) struct Claim(Vec<Approval>);

/// Lets the call go on, if it needs no approval or has one. Else there is one to be approved afterwards, which the
/// refusal names.
pub(crate) async fn claim<R: Message + 'static>(cx: &Context, call: &Call, request: &R) -> Result<Claim, Refusal> {
    let Some(permission) = call.permission.filter(|permission| cx.second_approver.contains(*permission)) else {
        return Ok(Claim(Vec::new()));
    };
    let seen = request::see(call.method, request)?;
    if seen.is_trial {
        return Ok(Claim(Vec::new()));
    }
    // Refuses as the verb would, so that nobody asks for an approval of what they may not do.
    let place = reach::readable_place(cx, call, seen.tenant.as_ref()).await?;
    let gives = given(cx.platform.read().roles(), request, (seen.tenant.as_ref(), place)).await?;
    let deed = Deed { permission, gives, summary: seen.summary, request: seen.bytes };
    obtain(cx, call, place, vec![deed], seen.is_named).await
}

/// Something that needs an approval of its own.
pub(crate) struct Deed {
    /// The permission that it asks for.
    pub(crate) permission: Permission,
    /// What it gives to others, which whoever approves must have too.
    pub(crate) gives: PermissionSet,
    /// What whoever approves is shown.
    pub(crate) summary: String,
    /// All that is approved: what differs in this is another deed.
    pub(crate) request: Vec<u8>,
}

/// The same for what a call turned out to do beside its own: each of the deeds needs an approval by somebody who could do
/// it. All that are lacking are asked for at once, and none is spent before all are there.
pub(crate) async fn claim_each(
    cx: &Context,
    call: &Call,
    place: AdminReach,
    mut deeds: Vec<Deed>,
) -> Result<Claim, Refusal> {
    deeds.retain(|deed| cx.second_approver.contains(deed.permission));
    if deeds.is_empty() {
        return Ok(Claim(Vec::new()));
    }
    obtain(cx, call, place, deeds, false).await
}

async fn obtain(
    cx: &Context,
    call: &Call,
    place: AdminReach,
    deeds: Vec<Deed>,
    is_named: bool,
) -> Result<Claim, Refusal> {
    let now = cx.clock.now();
    let tx = cx.platform.begin().await?;
    let by = call.caller.principal();
    let theirs = tx.approvals().live_of(by, now).await?;
    let (mut approved, mut waiting, mut lacking) = (Vec::new(), Vec::new(), Vec::new());
    for Deed { permission, gives, mut summary, request } in deeds {
        cut(&mut summary);
        let request = cx.keys.masters.fingerprint("approval", &request)?;
        let is_same = |approval: &&Approval| {
            (&*approval.method, approval.permission, approval.gives) == (call.method, permission, gives)
                && approval.request == request
                && approval.place == place
        };
        let found = theirs.iter().rfind(is_same);
        match (found, found.map(Approval::state)) {
            (Some(approval), Some(ApprovalState::Pending)) => waiting.push(message::name(approval.id)),
            (Some(approval), Some(ApprovalState::Rejected(_))) => {
                let name = message::name(approval.id);
                let refusal = Refusal::precondition(Reason::ApprovalState, &name, "was rejected");
                return Err(refusal.with("approval", name));
            }
            (Some(approval), Some(ApprovalState::Approved(_))) => approved.push(approval.clone()),
            // A request that names itself is answered as before.
            (Some(_), Some(ApprovalState::Spent(_))) if is_named => {}
            (Some(_), Some(ApprovalState::Spent(_)) | None) | (None, _) => {
                let (method, by) = (call.method.to_owned(), by.clone());
                lacking.push(Asked { place, method, permission, gives, summary, request, by });
            }
        }
    }
    if lacking.is_empty() {
        return if waiting.is_empty() { spend(call, tx, approved, now).await } else { Err(required(waiting)) };
    }
    if theirs.len() + lacking.len() > Approval::MOST {
        let most = format!("{} of your calls wait for approval already", theirs.len());
        return Err(Refusal::new(Reason::TooManyApprovals, most));
    }
    waiting.extend(ask(cx, call, tx, lacking, now).await?);
    Err(required(waiting))
}

/// Whoever approves must see that there is more than they are shown.
fn cut(summary: &mut String) {
    if let Some((end, _)) = summary.char_indices().nth(SHOWN) {
        summary.truncate(end);
        summary.push_str("\n(there is more)");
    }
}

/// Writes down what waits for approval, and gives the names.
async fn ask(
    cx: &Context,
    call: &Call,
    tx: Box<dyn PlatformTx>,
    lacking: Vec<Asked>,
    now: Timestamp,
) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::with_capacity(lacking.len());
    for asked in lacking {
        let approval = Approval::ask(ApprovalId::generate(&*cx.random, now), asked, now);
        tx.approvals().insert(&approval).await?;
        let event = call.event(tenant_of(approval.place), now, Action::Created);
        tx.audit(event.about(Noun::Approval, &approval.id).because(approval.permission.code())).await?;
        names.push(message::name(approval.id));
    }
    tx.commit().await?;
    Ok(names)
}

async fn spend(
    call: &Call,
    tx: Box<dyn PlatformTx>,
    approved: Vec<Approval>,
    now: Timestamp,
) -> Result<Claim, Refusal> {
    let mut claimed = Vec::with_capacity(approved.len());
    for approval in approved {
        let version = approval.version;
        let spent = approval.spend().map_err(|_| Refusal::stale(None))?;
        match tx.approvals().update(&spent).await {
            Ok(()) => {}
            // The same request, sent twice at once: the other one has it.
            Err(WriteError::Stale | WriteError::Taken(_)) => return Err(required(vec![message::name(spent.id)])),
            Err(WriteError::Fault(fault)) => return Err(fault.into()),
        }
        let event = call.event(tenant_of(spent.place), now, Action::ApprovalSpent);
        tx.audit(event.about(Noun::Approval, &spent.id).because(spent.permission.code())).await?;
        let state = spent.state().clone();
        claimed.push(spent.stored_as(state, version.next()));
    }
    tx.commit().await?;
    Ok(Claim(claimed))
}

/// Gives the approvals back when the call was refused and for certain nothing was done. Should that fail, or should nobody
/// know, somebody has to approve again; a request that names itself may be repeated all the same.
pub(crate) async fn settle(cx: &Context, call: &Call, claim: Claim, refused: Option<&Refusal>) {
    if !refused.is_some_and(Refusal::left_nothing) {
        return;
    }
    for spent in claim.0 {
        let id = spent.id;
        let Ok(approved) = spent.give_back() else { continue };
        if let Err(error) = give_back(cx, call, &approved).await {
            tracing::warn!(approval.id = %id, error = %error, "an approval of a refused call stays spent");
        }
    }
}

async fn give_back(cx: &Context, call: &Call, approved: &Approval) -> Result<(), WriteError> {
    let tx = cx.platform.begin().await?;
    tx.approvals().update(approved).await?;
    let event = call.event(tenant_of(approved.place), cx.clock.now(), Action::ApprovalReturned);
    tx.audit(event.about(Noun::Approval, &approved.id).because(approved.permission.code())).await?;
    Ok(tx.commit().await?)
}

/// The refusal that names what has to be approved; there is one at least.
fn required(names: Vec<String>) -> Refusal {
    let text = format!("somebody else has to approve this: {}, then make the same call again", names.join(", "));
    let refusal = Refusal::new(Reason::ApprovalRequired, text);
    let refusal = refusal.with("approvals", names.join(" "));
    match names.into_iter().next() {
        Some(first) => refusal.with("approval", first),
        None => refusal,
    }
}

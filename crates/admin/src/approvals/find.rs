//! Finding an approval that the caller may see: one that they asked for, or could approve.

use chancery_domain::{
    admin_key::AdminReach, approval::Approval, id::TenantId, ports::approvals::ApprovalReads, role_binding::Held,
    time::Timestamp,
};

use crate::{
    call::Call,
    name,
    status::{Reason, Refusal},
};

/// The approval of that name, unless it is over.
pub(super) async fn find(
    approvals: &dyn ApprovalReads,
    (call, held): (&Call, &Held),
    text: &str,
    now: Timestamp,
) -> Result<Approval, Refusal> {
    let found = approvals.find(name::approval("name", text)?).await?;
    let found = found.filter(|approval| approval.is_live(now) && is_seen(call, held, approval));
    found.ok_or_else(|| Refusal::not_found(Reason::ApprovalNotFound, "Approval", text))
}

/// Whether the caller may see it.
pub(super) fn is_seen(call: &Call, held: &Held, approval: &Approval) -> bool {
    approval.asked_by == *call.caller.principal() || held.at(approval.place).contains(approval.permission)
}

/// The tenant of that place, for the audit.
pub(super) const fn tenant_of(place: AdminReach) -> Option<TenantId> {
    match place {
        AdminReach::Platform => None,
        AdminReach::Tenant(tenant) => Some(tenant),
    }
}

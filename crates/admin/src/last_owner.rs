//! The platform never loses its last owner who can call.

use chancery_domain::{
    fault::Fault, ports::platform::PlatformTx, principal::Principal, role_binding::RoleBinding, tenant::Tenant,
    time::Timestamp,
};

use crate::{
    context::Context,
    status::{Reason, Refusal},
};

/// Refuses when no owner of the platform would be left who can call. `goes` tells the bindings that are about to go, or
/// whose members are about to be shut out.
pub(crate) async fn keep(
    cx: &Context,
    tx: &dyn PlatformTx,
    name: &str,
    goes: impl Fn(&RoleBinding) -> bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let owners = tx.role_bindings().owners(now).await?;
    let (going, staying): (Vec<_>, Vec<_>) = owners.into_iter().partition(goes);
    if going.is_empty() {
        return Ok(());
    }
    let system = match &cx.system_tenant {
        Some(system) => tx.tenants().find_by_slug(&system.slug).await?.filter(Tenant::is_active),
        None => None,
    };
    for owner in &staying {
        if can_call(tx, system.as_ref(), owner).await? {
            return Ok(());
        }
    }
    Err(Refusal::precondition(Reason::LastOwner, name, "is the last owner of the platform"))
}

/// The same, when everything that a member has is about to go, or the member is.
pub(crate) async fn keep_without(
    cx: &Context,
    tx: &dyn PlatformTx,
    name: &str,
    member: &Principal,
    now: Timestamp,
) -> Result<(), Refusal> {
    keep(cx, tx, name, |owner| owner.member == *member, now).await
}

/// Whether the member of a live binding of the platform is let in; `system` is the system tenant, where it serves. API keys
/// that have ended are not asked for, and of certificates nobody can tell.
async fn can_call(tx: &dyn PlatformTx, system: Option<&Tenant>, owner: &RoleBinding) -> Result<bool, Fault> {
    let rows = system.map(|tenant| tx.of(tenant.id));
    match (&owner.member, rows) {
        (Principal::ApiKey(_) | Principal::Certificate(_), _) => Ok(true),
        (Principal::User(id), Some(rows)) => {
            let user = rows.users().find(*id).await?;
            Ok(user.is_some_and(|user| user.is_enabled()))
        }
        (Principal::Client(id), Some(rows)) => {
            let client = rows.clients().find(id).await?;
            // One that came after the binding is another of the same name.
            Ok(client.is_some_and(|client| client.is_enabled() && client.created_at <= owner.created_at))
        }
        (Principal::User(_) | Principal::Client(_), None) => Ok(false),
    }
}

//! Giving away: nobody gives what they do not hold themselves, at that place and at that moment. And the platform never
//! loses its last owner.

use chancery_domain::{
    admin_key::AdminReach,
    permission::{Permission, PermissionSet},
    ports::platform::PlatformTx,
    principal::Principal,
    role_binding::RoleBinding,
    time::Timestamp,
};

use crate::{
    call::Call,
    status::{Reason, Refusal},
};

/// Refuses to give more than the caller holds there. What they hold is read in the transaction that gives, and stays
/// until it ends; roles are compared by what is in them and never by their names.
pub(crate) async fn check(
    tx: &dyn PlatformTx,
    call: &Call,
    place: AdminReach,
    given: &PermissionSet,
    now: Timestamp,
) -> Result<(), Refusal> {
    let held = call.caller.hold(tx, now).await?;
    let missing = given.minus(&held.at(place));
    if missing.is_empty() {
        return Ok(());
    }
    let codes: Vec<_> = missing.iter().map(Permission::code).collect();
    let refusal = Refusal::new(Reason::GrantExceedsOwn, "nobody can give what they do not have there themselves");
    Err(refusal.with("permissions", codes.join(" ")))
}

/// Refuses when no owner of the platform would be left. `goes` tells the bindings that are about to go.
pub(crate) async fn keep_an_owner(
    tx: &dyn PlatformTx,
    name: &str,
    goes: impl Fn(&RoleBinding) -> bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let owners = tx.role_bindings().owners(now).await?;
    let some_go = owners.iter().any(&goes);
    if some_go && owners.iter().all(&goes) {
        return Err(Refusal::precondition(Reason::LastOwner, name, "is the last owner of the platform"));
    }
    Ok(())
}

/// The same, when everything that a member has is about to go.
pub(crate) async fn keep_an_owner_without(
    tx: &dyn PlatformTx,
    name: &str,
    member: &Principal,
    now: Timestamp,
) -> Result<(), Refusal> {
    keep_an_owner(tx, name, |owner| owner.member == *member, now).await
}

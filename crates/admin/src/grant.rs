//! Giving away: nobody gives what they do not hold themselves, at that place and at that moment, nor for longer or to be
//! used from more places. Nobody takes more from others than they hold either, unless they may take roles. And the platform
//! never loses its last owner.

use chancery_domain::{
    admin_key::AdminReach,
    fault::Fault,
    permission::{Permission, PermissionSet},
    ports::platform::PlatformTx,
    principal::Principal,
    role_binding::{RoleBinding, Until},
    source_range::SourceRange,
    tenant::Tenant,
    time::Timestamp,
};

use crate::{
    call::Call,
    context::Context,
    reach, span,
    status::{Reason, Refusal},
};

/// Refuses to give more than the caller holds there, and tells until when they hold it. What they hold is read in the
/// transaction that gives, and stays until it ends; roles are compared by what is in them and never by their names.
pub(crate) async fn check(
    tx: &dyn PlatformTx,
    call: &Call,
    place: AdminReach,
    given: &PermissionSet,
    now: Timestamp,
) -> Result<Until, Refusal> {
    let held = call.caller.hold(tx, now).await?;
    if let Some(until) = held.until(place, given) {
        return Ok(until);
    }
    let missing = given.minus(&held.at(place));
    let codes: Vec<_> = missing.iter().map(Permission::code).collect();
    let refusal = Refusal::new(Reason::GrantExceedsOwn, "nobody can give what they do not have there themselves");
    Err(refusal.with("permissions", codes.join(" ")))
}

/// Refuses to give something until `end` that is held until `held`: rights that end do not make themselves last.
pub(crate) fn not_longer(held: Until, end: Until) -> Result<(), Refusal> {
    match held {
        Until::Moment(latest) if end > held => {
            let latest = span::text(latest);
            let message =
                format!("nobody can give what they have for longer than they have it: until {latest} at most");
            Err(Refusal::new(Reason::GrantExceedsOwn, message).with("latest", latest))
        }
        Until::Moment(_) | Until::Taken => Ok(()),
    }
}

/// Refuses to give something to a key that may be used from where the caller's own may not.
pub(crate) fn not_wider(call: &Call, ranges: &[SourceRange]) -> Result<(), Refusal> {
    let own = call.caller.key().map_or(&[][..], |key| &key.source_ranges);
    if SourceRange::enclose(own, ranges) {
        return Ok(());
    }
    let own = own.iter().map(SourceRange::to_string).collect::<Vec<_>>().join(" ");
    let message = format!("a key gives nothing to keys that may be used from elsewhere: its own ranges are {own}");
    Err(Refusal::new(Reason::GrantExceedsOwn, message).with("source_ranges", own))
}

/// Refuses to take everything from a member who has more somewhere than the caller has there, unless the caller may take
/// roles there.
pub(crate) async fn takes_no_more(
    tx: &dyn PlatformTx,
    call: &Call,
    member: &Principal,
    now: Timestamp,
) -> Result<(), Refusal> {
    for theirs in tx.role_bindings().given_to(member, now).await? {
        if !call.caller.held().at(theirs.place).is_superset(&theirs.permissions) {
            reach::holds(call, theirs.place, Permission::RoleBindingsDelete)?;
        }
    }
    Ok(())
}

/// Refuses when a place would come to have more live role bindings than it may, `more` of which are on their way. Whoever
/// else gives a role there waits until the transaction ends.
pub(crate) async fn room(
    tx: &dyn PlatformTx,
    place: AdminReach,
    name: &str,
    more: usize,
    now: Timestamp,
) -> Result<(), Refusal> {
    let count = tx.role_bindings().count(place, now).await?;
    if count.saturating_add(more as u64) > RoleBinding::MOST {
        let most = format!("has {count} role bindings, and {} is the most that it may have", RoleBinding::MOST);
        return Err(Refusal::precondition(Reason::TooManyRoleBindings, name, &most));
    }
    Ok(())
}

/// Refuses when no owner of the platform would be left who can call. `goes` tells the bindings that are about to go, or
/// whose members are about to be shut out.
pub(crate) async fn keep_an_owner(
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
pub(crate) async fn keep_an_owner_without(
    cx: &Context,
    tx: &dyn PlatformTx,
    name: &str,
    member: &Principal,
    now: Timestamp,
) -> Result<(), Refusal> {
    keep_an_owner(cx, tx, name, |owner| owner.member == *member, now).await
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

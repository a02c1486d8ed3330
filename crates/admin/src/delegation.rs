//! Giving away: nobody gives what they do not hold themselves, at that place and at that moment, nor for longer or to be
//! used from more places. Nobody takes more from others than they hold either, unless they may take roles.

use chancery_domain::{
    admin_key::AdminReach,
    permission::{Permission, PermissionSet},
    ports::platform::PlatformTx,
    principal::Principal,
    role_binding::{RoleBinding, Until},
    source_range::SourceRange,
    time::Timestamp,
};

use crate::{
    call::Call,
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

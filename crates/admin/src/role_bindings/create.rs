//! `CreateRoleBinding`.

use chancery_domain::{
    admin_key::AdminReach,
    audit::Action,
    change::Noun,
    id::{RoleBindingId, TenantSlug},
    ports::platform::PlatformTx,
    principal::Principal,
    role_binding::{RoleBinding, Until},
    time::Timestamp,
};
use chancery_proto::v1::{self, CreateRoleBindingRequest};

use super::{message::Names, tenant_of};
use crate::{
    call::Call,
    context::Context,
    delegation, name, reach,
    request_id::{Ledger, Named, once},
    roles::meant,
    span,
    status::{Reason, Refusal},
    text,
};

/// Gives somebody a role that has nothing in it but what the caller has there.
pub(super) async fn create(
    cx: &Context,
    call: &Call,
    request: CreateRoleBindingRequest,
) -> Result<v1::RoleBinding, Refusal> {
    let parent = name::optional_tenant("parent", &request.parent)?;
    let place = reach::writable_place(cx, call, parent.as_ref()).await?;
    let named = Named::of(cx, call, &request)?;
    let work = work(cx, call, named.as_ref(), (parent.as_ref(), place), &request);
    once(named.as_ref(), Ledger::Platform(cx), work).await
}

async fn work(
    cx: &Context,
    call: &Call,
    named: Option<&Named>,
    (parent, place): (Option<&TenantSlug>, AdminReach),
    request: &CreateRoleBindingRequest,
) -> Result<v1::RoleBinding, Refusal> {
    let now = cx.clock.now();
    let sent = request.role_binding.clone().unwrap_or_default();
    let member: Principal = text::read("role_binding.member", &sent.member)?;
    let expires_at = sent.expire_time.map(|sent| span::read("role_binding.expire_time", sent)).transpose()?;
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Refusal::field("role_binding.expire_time", "must lie ahead"));
    }

    let tx = cx.platform.begin().await?;
    let meant = meant::read(tx.roles(), "role_binding.role", &sent.role, (parent, place)).await?;
    let held = delegation::check(&*tx, call, place, &meant.permissions, now).await?;
    delegation::not_longer(held, expires_at.into())?;
    can_be_given(&*tx, call, &member, place, now).await?;
    let id = RoleBindingId::generate(&*cx.random, now);
    let binding = RoleBinding { id, place, role: meant.role, member, created_at: now, expires_at };
    let roles = Names::of(tx.roles(), parent, place).await?;
    delegation::room(&*tx, place, name::of_place(&request.parent), 1, now).await?;
    room_for(&*tx, &binding, &roles, now).await?;
    let answer = roles.message(&binding);
    if request.validate_only {
        return Ok(answer);
    }
    tx.role_bindings().insert(&binding).await?;
    let event = call.event(tenant_of(place), now, Action::Created);
    tx.audit(event.about(Noun::RoleBinding, &id).noting(binding.said())).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

/// Refuses a binding that gives nothing which another does not give for as long, and one too many for its member.
async fn room_for(
    tx: &dyn PlatformTx,
    binding: &RoleBinding,
    roles: &Names<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let theirs = tx.role_bindings().of_member(binding.place, &binding.member).await?;
    let until = |one: &RoleBinding| Until::from(one.expires_at);
    let gives_it = |one: &&RoleBinding| one.is_live(now) && one.role == binding.role && until(one) >= until(binding);
    if let Some(same) = theirs.iter().find(gives_it) {
        let name = roles.message(same).name;
        let message = format!("{name} gives {} that role, and for as long", binding.member);
        return Err(Refusal::new(Reason::RoleBindingExists, message).about("RoleBinding", &name));
    }
    if theirs.len() >= RoleBinding::MOST_OF_MEMBER {
        let most = format!("has {} role bindings there, the most that a member may have", theirs.len());
        return Err(Refusal::precondition(Reason::TooManyRoleBindings, &binding.member.to_string(), &most));
    }
    Ok(())
}

/// Refuses members for whom a role there would never count. Whether there is such a certificate, user or client cannot
/// be told here: what is given before they come to be is not theirs.
async fn can_be_given(
    tx: &dyn PlatformTx,
    call: &Call,
    member: &Principal,
    place: AdminReach,
    now: Timestamp,
) -> Result<(), Refusal> {
    match member {
        Principal::ApiKey(id) => {
            let key = tx.admin_keys().find(*id).await?.filter(|key| key.is_live(now));
            // A key of another tenant looks absent.
            let reaches = |of: AdminReach| of == AdminReach::Platform || of == place;
            match key {
                Some(key) if reaches(key.reach) => delegation::not_wider(call, &key.source_ranges),
                Some(_) | None => Err(Refusal::field("role_binding.member", "must be a key that reaches that far")),
            }
        }
        Principal::Certificate(_) | Principal::User(_) | Principal::Client(_) => Ok(()),
    }
}

//! Which tenant a call may touch. Only here a [`Reached`] is made, and without one no row of a tenant is read or
//! written: a tenant in which the caller holds nothing looks exactly like one that does not exist.

use chancery_domain::{
    admin_key::AdminReach,
    audit::{Action, AuditEvent},
    fault::Fault,
    id::TenantSlug,
    permission::Permission,
    ports::store::{TenantReader, TenantRows, TenantTx},
    role_binding::Until,
    tenant::{Tenant, TenantState},
    time::Timestamp,
};

use crate::{
    call::Call,
    context::Context,
    delegation, name, permit,
    status::{Reason, Refusal},
    writing::Writing,
};

/// A tenant that the caller may touch.
pub(crate) struct Reached<'a> {
    /// What the call works with.
    pub(crate) cx: &'a Context,
    /// The call.
    pub(crate) call: &'a Call,
    /// The tenant.
    pub(crate) tenant: Tenant,
}

impl Reached<'_> {
    /// Its rows, for reading.
    pub(crate) fn read(&self) -> Box<dyn TenantReader> {
        self.cx.store.read(self.tenant.id)
    }

    /// Its rows, for writing.
    pub(crate) async fn begin(&self) -> Result<Box<dyn TenantTx>, Fault> {
        self.cx.store.begin(self.tenant.id).await
    }

    /// Those of a transaction, for what is written there with its audit event.
    pub(crate) fn writing<'w>(&'w self, rows: &'w dyn TenantRows, now: Timestamp) -> Writing<'w> {
        Writing { cx: self.cx, call: self.call, rows, tenant: self.tenant.id, now }
    }

    /// Whether it is the one whose people and programs call this API.
    pub(crate) fn is_system(&self) -> bool {
        is_system(self.cx, &self.tenant.slug)
    }

    /// An audit event of the call in the tenant.
    pub(crate) fn event(&self, now: Timestamp, action: Action) -> AuditEvent {
        self.call.event(Some(self.tenant.id), now, action)
    }
}

/// Whether people and programs of that tenant call this API.
pub(crate) fn is_system(cx: &Context, slug: &TenantSlug) -> bool {
    cx.system_tenant.as_ref().is_some_and(|system| system.slug == *slug)
}

/// The tenant, for a call that reads.
pub(crate) async fn readable<'a>(cx: &'a Context, call: &'a Call, slug: &TenantSlug) -> Result<Reached<'a>, Refusal> {
    let found = cx.platform.read().tenants().find_by_slug(slug).await?;
    let absent = || Refusal::not_found(Reason::TenantNotFound, "Tenant", &name::of_tenant(slug));
    let tenant = found.filter(|tenant| call.caller.held().is_known(tenant.id)).ok_or_else(absent)?;
    held(call, AdminReach::Tenant(tenant.id))?;
    // One call is about one tenant, so this is set at most once.
    let _ = call.tenant.set(tenant.id);
    Ok(Reached { cx, call, tenant })
}

/// The tenant, for a call that changes it in whatever state it is: one that moves it from one to another. What is done to
/// the system tenant only those do who may give roles of the platform.
pub(crate) async fn movable<'a>(cx: &'a Context, call: &'a Call, slug: &TenantSlug) -> Result<Reached<'a>, Refusal> {
    let reached = readable(cx, call, slug).await?;
    // Whoever can change people, clients or keys there can become anybody who calls this API, and whoever stops it shuts
    // everybody out.
    if reached.is_system() {
        holds(call, AdminReach::Platform, Permission::RoleBindingsCreate)?;
    }
    Ok(reached)
}

/// The tenant, for a call that changes what lies in it. Nothing in a deleted tenant changes any more, and in a
/// suspended one only the platform's operators may put things right.
pub(crate) async fn writable<'a>(cx: &'a Context, call: &'a Call, slug: &TenantSlug) -> Result<Reached<'a>, Refusal> {
    let reached = movable(cx, call, slug).await?;
    keeps_system(cx, call, slug)?;
    let refused = |reason, state| Err(Refusal::precondition(reason, &name::of_tenant(slug), state));
    match reached.tenant.state() {
        TenantState::Active => Ok(reached),
        TenantState::Suspended if platform(call).is_ok() => Ok(reached),
        TenantState::Suspended => refused(Reason::TenantSuspended, "is suspended"),
        TenantState::Deleted { .. } => refused(Reason::TenantDeleted, "is deleted"),
    }
}

/// Refuses to change what lies in the system tenant, or to make that tenant, to all but those who may give roles of the
/// platform until that is taken from them, and who proved themselves just now. Whatever is not the system tenant passes.
pub(crate) fn keeps_system(cx: &Context, call: &Call, slug: &TenantSlug) -> Result<(), Refusal> {
    if !is_system(cx, slug) {
        return Ok(());
    }
    // A password or a secret that is made there signs somebody in: it must not be easier to have than what it opens, nor
    // open it for longer than its maker has it.
    permit::fresh(&call.caller, cx.clock.now())?;
    let gives_roles = Permission::RoleBindingsCreate;
    let held = call.caller.held().until(AdminReach::Platform, &[gives_roles].into_iter().collect());
    delegation::not_longer(held.ok_or_else(|| denied(gives_roles))?, Until::Taken)
}

/// Refuses callers who do not hold the call's permission for the whole platform, where only the body tells that the call
/// needs it.
pub(crate) fn platform(call: &Call) -> Result<(), Refusal> {
    held(call, AdminReach::Platform)
}

/// The place for a call that reads what lies in it: that tenant, or the platform where none is named.
pub(crate) async fn readable_place(
    cx: &Context,
    call: &Call,
    slug: Option<&TenantSlug>,
) -> Result<AdminReach, Refusal> {
    match slug {
        None => platform(call).map(|()| AdminReach::Platform),
        Some(slug) => Ok(AdminReach::Tenant(readable(cx, call, slug).await?.tenant.id)),
    }
}

/// The place for a call that changes what lies in it.
pub(crate) async fn writable_place(
    cx: &Context,
    call: &Call,
    slug: Option<&TenantSlug>,
) -> Result<AdminReach, Refusal> {
    match slug {
        None => platform(call).map(|()| AdminReach::Platform),
        Some(slug) => Ok(AdminReach::Tenant(writable(cx, call, slug).await?.tenant.id)),
    }
}

/// Refuses callers who do not hold that permission there, for what a call does beside its own.
pub(crate) fn holds(call: &Call, place: AdminReach, permission: Permission) -> Result<(), Refusal> {
    if call.caller.held().at(place).contains(permission) { Ok(()) } else { Err(denied(permission)) }
}

/// Refuses callers who do not hold the call's permission there.
pub(crate) fn held(call: &Call, place: AdminReach) -> Result<(), Refusal> {
    let permission = call.permission.ok_or_else(|| Fault::bug("a call without a permission reaches for rows"))?;
    holds(call, place, permission)
}

/// The refusal of a caller who lacks a permission.
pub(crate) fn denied(permission: Permission) -> Refusal {
    let refusal = Refusal::new(Reason::PermissionDenied, format!("this needs a role that allows {permission}"));
    refusal.with("permission", permission.code())
}

//! Which tenant a call may touch. Only here a [`Reached`] is made, and without one no row of a tenant is read or
//! written: a tenant that is foreign to the caller looks exactly like one that does not exist.

use chancery_domain::{
    admin_key::AdminReach,
    fault::Fault,
    id::TenantSlug,
    ports::store::{TenantReader, TenantTx},
    tenant::{Tenant, TenantState},
};

use crate::{
    call::Call,
    context::Context,
    name,
    status::{Reason, Refusal},
};

/// A tenant that the caller may touch.
pub(crate) struct Reached<'a> {
    cx: &'a Context,
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
}

/// The tenant, for a call that reads.
pub(crate) async fn readable<'a>(cx: &'a Context, call: &Call, slug: &TenantSlug) -> Result<Reached<'a>, Refusal> {
    let found = cx.platform.read().tenants().find_by_slug(slug).await?;
    let within = |tenant: &Tenant| match call.caller.reach {
        AdminReach::Platform => true,
        AdminReach::Tenant(own) => own == tenant.id,
    };
    let absent = || Refusal::not_found(Reason::TenantNotFound, "Tenant", &name::of_tenant(slug));
    let tenant = found.filter(within).ok_or_else(absent)?;
    // One call is about one tenant, so this is set at most once.
    let _ = call.tenant.set(tenant.id);
    Ok(Reached { cx, tenant })
}

/// The tenant, for a call that changes what lies in it. Nothing in a deleted tenant changes any more, and in a
/// suspended one only the platform's operators may put things right.
pub(crate) async fn writable<'a>(cx: &'a Context, call: &Call, slug: &TenantSlug) -> Result<Reached<'a>, Refusal> {
    let reached = readable(cx, call, slug).await?;
    let refused = |reason, state| Err(Refusal::precondition(reason, &name::of_tenant(slug), state));
    match (reached.tenant.state(), call.caller.reach) {
        (TenantState::Active, _) | (TenantState::Suspended, AdminReach::Platform) => Ok(reached),
        (TenantState::Suspended, AdminReach::Tenant(_)) => refused(Reason::TenantSuspended, "is suspended"),
        (TenantState::Deleted { .. }, _) => refused(Reason::TenantDeleted, "is deleted"),
    }
}

/// Refuses callers that do not reach the whole platform, where only the body tells that the call needs it.
pub(crate) fn platform(call: &Call) -> Result<(), Refusal> {
    match call.caller.reach {
        AdminReach::Platform => Ok(()),
        AdminReach::Tenant(_) => Err(denied()),
    }
}

/// The refusal of a call that is for API keys of the platform.
pub(crate) fn denied() -> Refusal {
    Refusal::new(Reason::PlatformKeyRequired, "this needs an API key of the platform")
}

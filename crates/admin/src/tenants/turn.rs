//! What the calls have in common that move a tenant from one state to another.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::IllegalMove,
    tenant::{Tenant, TenantState},
    time::Timestamp,
};
use chancery_proto::v1;

use super::message;
use crate::{
    call::Call,
    context::Context,
    etag, name, reach,
    request_id::Named,
    status::{Reason, Refusal},
};

/// A move that a caller asks for.
pub(crate) struct Turn<'a> {
    /// The name of the tenant.
    pub(super) name: &'a str,
    /// The tag that it must still have, or nothing.
    pub(super) etag: &'a str,
    /// Whether the caller only asks what would happen.
    pub(super) validate_only: bool,
    /// What the audit calls it.
    pub(super) action: Action,
    /// The move.
    pub(super) step: fn(Tenant, Timestamp) -> Result<Tenant, IllegalMove>,
}

impl Turn<'_> {
    /// Carries the move out, if the state allows it, and remembers the answer of a request that named itself.
    pub(crate) async fn carry_out(
        self,
        cx: &Context,
        call: &Call,
        named: Option<&Named>,
    ) -> Result<v1::Tenant, Refusal> {
        let now = cx.clock.now();
        let reached = reach::readable(cx, call, &name::tenant("name", self.name)?).await?;
        etag::check(self.etag, &message::etag(&reached.tenant))?;
        let state = reached.tenant.state();
        let tenant = (self.step)(reached.tenant, now).map_err(|illegal| refused(self.name, state, illegal))?;
        if self.validate_only {
            return Ok(message::of(cx, &tenant));
        }
        let tx = cx.platform.begin().await?;
        let version = tx.tenants().update(&tenant, now).await?;
        let event = call.event(Some(tenant.id), now, self.action).between(tenant.version, version);
        tx.audit(event.about(Noun::Tenant, &tenant.id)).await?;
        let answer = message::of_written(cx, tenant, version, now);
        if let Some(named) = named {
            named.remember(tx.requests(), &answer, now).await?;
        }
        tx.commit().await?;
        Ok(answer)
    }
}

fn refused(name: &str, state: TenantState, illegal: IllegalMove) -> Refusal {
    let reason = match state {
        TenantState::Active => Reason::TenantActive,
        TenantState::Suspended => Reason::TenantSuspended,
        TenantState::Deleted { .. } => Reason::TenantDeleted,
    };
    Refusal::precondition(reason, name, &format!("is {}", illegal.from))
}

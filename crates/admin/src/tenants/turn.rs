//! What the calls have in common that move a tenant from one state to another.

use chancery_domain::{
    change::Noun,
    tenant::{Tenant, TenantState},
};
use chancery_proto::v1;

use super::message;
use crate::{
    call::Call,
    context::Context,
    last_owner, name, reach,
    request_id::Named,
    status::{Reason, Refusal},
    turn::Turn,
};

impl Turn<'_, Tenant> {
    /// Carries the move out, if the state allows it, and remembers the answer of a request that named itself.
    pub(crate) async fn carry_out(
        self,
        cx: &Context,
        call: &Call,
        named: Option<&Named>,
    ) -> Result<v1::Tenant, Refusal> {
        let now = cx.clock.now();
        let reached = reach::movable(cx, call, &name::tenant("name", self.name)?).await?;
        let standing = match reached.tenant.state() {
            TenantState::Active => Reason::TenantActive,
            TenantState::Suspended => Reason::TenantSuspended,
            TenantState::Deleted { .. } => Reason::TenantDeleted,
        };
        let tag = message::etag(&reached.tenant);
        let is_system = reached.is_system();
        let tenant = self.made(reached.tenant, &tag, standing, now)?;
        let tx = cx.platform.begin().await?;
        if is_system && !tenant.is_active() {
            // Nobody comes in with an access token of it from then on.
            last_owner::keep(cx, &*tx, self.name, |owner| owner.member.is_of_system_tenant(), now).await?;
        }
        if self.validate_only {
            return Ok(message::of(cx, &tenant));
        }
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

//! `SuspendTenant`.

use chancery_domain::{audit::Action, tenant::Tenant};
use chancery_proto::v1::{self, SuspendTenantRequest};

use crate::{call::Call, context::Context, previews, status::Refusal, turn::Turn};

/// Stops serving a tenant until it is resumed.
pub(super) async fn suspend(cx: &Context, call: &Call, request: SuspendTenantRequest) -> Result<v1::Tenant, Refusal> {
    previews::admit(cx, call, &request).await?;
    turn(&request, false).carry_out(cx, call).await
}

/// The move.
pub(crate) fn turn(request: &SuspendTenantRequest, validate_only: bool) -> Turn<'_, Tenant> {
    Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only,
        action: Action::Disabled,
        step: |tenant, _| tenant.suspend(),
    }
}

//! `SuspendTenant`.

use chancery_domain::{audit::Action, tenant::Tenant};
use chancery_proto::v1::{self, SuspendTenantRequest};

use super::turn::Turn;
use crate::{call::Call, context::Context, status::Refusal};

/// Stops serving a tenant until it is resumed.
pub(super) async fn suspend(cx: &Context, call: &Call, request: SuspendTenantRequest) -> Result<v1::Tenant, Refusal> {
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Disabled,
        step: |tenant: Tenant, _| tenant.suspend(),
    };
    turn.carry_out(cx, call).await
}

//! `ResumeTenant`.

use chancery_domain::{audit::Action, tenant::Tenant};
use chancery_proto::v1::{self, ResumeTenantRequest};

use crate::{call::Call, context::Context, status::Refusal, turn::Turn};

/// Serves a suspended tenant again.
pub(super) async fn resume(cx: &Context, call: &Call, request: ResumeTenantRequest) -> Result<v1::Tenant, Refusal> {
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: |tenant: Tenant, _| tenant.resume(),
    };
    turn.carry_out(cx, call).await
}

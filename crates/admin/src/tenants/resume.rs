//! `ResumeTenant`.

use chancery_domain::{audit::Action, tenant::Tenant};
use chancery_proto::v1::{self, ResumeTenantRequest};

use crate::{
    call::Call,
    context::Context,
    name, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
    turn::Turn,
};

/// Serves a suspended tenant again.
pub(super) async fn resume(cx: &Context, call: &Call, request: ResumeTenantRequest) -> Result<v1::Tenant, Refusal> {
    reach::movable(cx, call, &name::tenant("name", &request.name)?).await?;
    let named = Named::of(cx, call, &request)?;
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: |tenant: Tenant, _| tenant.resume(),
    };
    once(named.as_ref(), Ledger::Platform(cx), turn.carry_out(cx, call, named.as_ref())).await
}

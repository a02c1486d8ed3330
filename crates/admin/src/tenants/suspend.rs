//! `SuspendTenant`.

use chancery_domain::{audit::Action, tenant::Tenant};
use chancery_proto::v1::{self, SuspendTenantRequest};

use crate::{
    call::Call,
    context::Context,
    name, previews, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
    turn::Turn,
};

/// Stops serving a tenant until it is resumed.
pub(super) async fn suspend(cx: &Context, call: &Call, request: SuspendTenantRequest) -> Result<v1::Tenant, Refusal> {
    reach::movable(cx, call, &name::tenant("name", &request.name)?).await?;
    let named = Named::of(cx, call, &request)?;
    let work = async {
        previews::admit(cx, call, &request).await?;
        turn(&request, false).carry_out(cx, call, named.as_ref()).await
    };
    once(named.as_ref(), Ledger::Platform(cx), work).await
}

/// The move.
pub(crate) fn turn(request: &SuspendTenantRequest, validate_only: bool) -> Turn<'_, Tenant> {
    Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only,
        action: Action::Disabled,
        step: |tenant: Tenant, _| tenant.suspend(),
    }
}

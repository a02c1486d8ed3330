//! `DeleteTenant`.

use chancery_domain::{audit::Action, tenant::Tenant};
use chancery_proto::v1::{self, DeleteTenantRequest};

use crate::{call::Call, context::Context, previews, status::Refusal, turn::Turn};

/// Stops serving a tenant, and sets the time at which it goes for good.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteTenantRequest) -> Result<v1::Tenant, Refusal> {
    previews::admit(cx, call, &request).await?;
    turn(&request, request.validate_only).carry_out(cx, call, None).await
}

/// The move.
pub(crate) fn turn(request: &DeleteTenantRequest, validate_only: bool) -> Turn<'_, Tenant> {
    Turn { name: &request.name, etag: &request.etag, validate_only, action: Action::Deleted, step: Tenant::delete }
}

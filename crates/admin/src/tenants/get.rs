//! `GetTenant`.

use chancery_proto::v1::{GetTenantRequest, Tenant};

use super::message;
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One tenant, deleted ones as well.
pub(super) async fn get(cx: &Context, call: &Call, request: GetTenantRequest) -> Result<Tenant, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("name", &request.name)?).await?;
    Ok(message::of(cx, &reached.tenant))
}

//! `PlanTenantDocument`.

use chancery_proto::v1::{PlanTenantDocumentRequest, TenantDocumentPlan};

use super::planning::{self, Order};
use crate::{call::Call, context::Context, status::Refusal};

/// What applying the document would do.
pub(super) async fn plan(
    cx: &Context,
    call: &Call,
    request: PlanTenantDocumentRequest,
) -> Result<TenantDocumentPlan, Refusal> {
    let document = request.tenant_document.unwrap_or_default();
    let order = Order { document: &document, prune: request.prune, allow_missing: request.allow_missing };
    Ok(planning::plan(cx, call, order).await?.told())
}

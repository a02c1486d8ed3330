//! `PlanTenantDocument`.

use chancery_proto::v1::{ApplyTenantDocumentRequest, PlanTenantDocumentRequest, TenantDocumentPlan};

use super::{
    planning::{self, Order},
    preview, rights,
};
use crate::{call::Call, context::Context, status::Refusal};

/// What applying the document would do.
pub(super) async fn plan(
    cx: &Context,
    call: &Call,
    request: PlanTenantDocumentRequest,
) -> Result<TenantDocumentPlan, Refusal> {
    let document = request.tenant_document.unwrap_or_default();
    let order = Order { document: &document, prune: request.prune, allow_missing: request.allow_missing };
    let plan = planning::plan(cx, call, order).await?;
    // Nobody has us call a place of their choosing who could not write it down.
    if rights::to_change(call, plan.stored.as_ref().map(|stored| &stored.tenant), &plan.changes).is_ok() {
        plan.look(cx).await?;
    }
    let PlanTenantDocumentRequest { prune, allow_missing, .. } = request;
    let tenant_document = Some(document);
    let request = ApplyTenantDocumentRequest { tenant_document, prune, allow_missing, ..Default::default() };
    preview::show(cx, call, &request, &plan).await
}

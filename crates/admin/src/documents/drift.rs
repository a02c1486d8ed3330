//! `DriftTenantDocument`.

use chancery_domain::fault::Fault;
use chancery_proto::v1::{DriftTenantDocumentRequest, TenantDocument, TenantDocumentDrift};
use prost::Message;

use super::{planning, rights, standing};
use crate::{
    call::Call,
    context::Context,
    name, reach, span,
    status::{Reason, Refusal},
};

/// What has changed since a document was last applied.
pub(super) async fn drift(
    cx: &Context,
    call: &Call,
    request: DriftTenantDocumentRequest,
) -> Result<TenantDocumentDrift, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("name", &request.name)?).await?;
    rights::to_read(call, &reached.tenant)?;
    let rows = reached.read();
    let Some(applied) = rows.applied_documents().last().await? else {
        return Err(Refusal::precondition(Reason::DocumentNotApplied, &request.name, "never had a document applied"));
    };
    let before =
        TenantDocument::decode(&*applied.document).map_err(|error| Fault::broken("applied document", error))?;
    let after = standing::read(cx, &reached.tenant, &*rows).await?;
    Ok(TenantDocumentDrift {
        name: request.name,
        apply_time: Some(span::moment(applied.applied_at)),
        applied_by: applied.applied_by,
        changes: planning::differences(Some(&before), &after),
    })
}

//! `ExportTenantDocument`.

use chancery_proto::v1::{ExportTenantDocumentRequest, TenantDocument};

use super::{rights, standing};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// The tenant as one document.
pub(super) async fn export(
    cx: &Context,
    call: &Call,
    request: ExportTenantDocumentRequest,
) -> Result<TenantDocument, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("name", &request.name)?).await?;
    rights::to_read(call, &reached.tenant)?;
    let document = standing::read(cx, &reached.tenant, &*reached.read()).await?;
    standing::bounded(&reached.tenant.slug, &document)?;
    Ok(document)
}

//! `GetAuditEvent`.

use chancery_proto::v1::{AuditEvent, GetAuditEventRequest};

use super::{Chain, message};
use crate::{call::Call, context::Context, name, status::Refusal};

/// One event.
pub(super) async fn get(cx: &Context, call: &Call, request: GetAuditEventRequest) -> Result<AuditEvent, Refusal> {
    let (slug, position) = name::audit_event("name", &request.name)?;
    let chain = Chain::of(cx, call, slug).await?;
    let event = chain.event(cx, position).await?.ok_or_else(|| chain.has_no_event(position))?;
    Ok(message::event(&chain, event))
}

//! `GetAuditEvent`.

use chancery_domain::ports::audit::AuditQuery;
use chancery_proto::v1::{AuditEvent, GetAuditEventRequest};

use super::{Chain, message};
use crate::{call::Call, context::Context, name, status::Refusal};

/// One event.
pub(super) async fn get(cx: &Context, call: &Call, request: GetAuditEventRequest) -> Result<AuditEvent, Refusal> {
    let (slug, position) = name::audit_event("name", &request.name)?;
    let chain = Chain::of(cx, call, slug).await?;
    let after = position.checked_sub(1).ok_or_else(|| chain.has_no_event(position))?;
    if i64::try_from(position).is_err() {
        return Err(chain.has_no_event(position));
    }
    let query = AuditQuery { after, until: Some(position), limit: 1, ..AuditQuery::default() };
    let found = cx.platform.read().audits().events(chain.tenant, query).await?;
    let event = found.into_iter().next().ok_or_else(|| chain.has_no_event(position))?;
    Ok(message::event(&chain, event))
}

//! `ListAuditEvents`.

use chancery_proto::v1::{ListAuditEventsRequest, ListAuditEventsResponse};

use super::{Chain, message};
use crate::{call::Call, context::Context, page, span, status::Refusal};

/// The events of a chain that are asked for, oldest first unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListAuditEventsRequest,
) -> Result<ListAuditEventsResponse, Refusal> {
    let chain = Chain::of_parent(cx, call, &request.parent).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let since = request.start_time.map(|sent| span::read("start_time", sent)).transpose()?;
    let before = request.end_time.map(|sent| span::read("end_time", sent)).transpose()?;
    let page = cx.platform.read().audits().list(chain.tenant, (since, before), query).await?;
    let audit_events = page.rows.into_iter().map(|event| message::event(&chain, event)).collect();
    Ok(ListAuditEventsResponse { audit_events, next_page_token: asked.token(page.next)? })
}

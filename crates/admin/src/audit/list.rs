//! `ListAuditEvents`.

use chancery_domain::{page::Page, ports::audit::AuditQuery};
use chancery_proto::v1::{ListAuditEventsRequest, ListAuditEventsResponse};

use super::{Chain, message};
use crate::{call::Call, context::Context, page, span, status::Refusal};

/// Events of a chain, oldest first.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListAuditEventsRequest,
) -> Result<ListAuditEventsResponse, Refusal> {
    let chain = Chain::of_parent(cx, call, &request.parent).await?;
    let asked = page::asked(cx, call, &request)?;
    let since = request.start_time.map(|sent| span::read("start_time", sent)).transpose()?;
    let before = request.end_time.map(|sent| span::read("end_time", sent)).transpose()?;
    let size = asked.request().size;
    let after = asked.after().and_then(|position| position.parse().ok()).unwrap_or_default();
    let query = AuditQuery { after, until: None, since, before, limit: size + 1 };
    let mut rows = cx.platform.read().audits().events(chain.tenant, query).await?;
    let more = rows.len() > size as usize;
    rows.truncate(size as usize);
    let next = rows.last().filter(|_| more).map(|event| event.position.to_string());
    let page = Page { rows, next };
    let audit_events = page.rows.into_iter().map(|event| message::event(&chain, event)).collect();
    Ok(ListAuditEventsResponse { audit_events, next_page_token: asked.token(page.next)? })
}

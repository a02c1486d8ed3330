//! `ListApprovals`.

use chancery_domain::approval::Approval;
use chancery_proto::v1::{ListApprovalsRequest, ListApprovalsResponse};

use super::{find::is_seen, message};
use crate::{call::Call, context::Context, page, status::Refusal};

/// What the caller asked for and what they could approve, oldest first unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListApprovalsRequest,
) -> Result<ListApprovalsResponse, Refusal> {
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let platform = cx.platform.read();
    let mut live = platform.approvals().live(cx.clock.now()).await?;
    live.retain(|approval| is_seen(call, call.caller.held(), approval));
    let page = query.of(live, Approval::field, |approval| approval.id.to_string());
    let mut approvals = Vec::new();
    for approval in &page.rows {
        approvals.push(message::of(platform.tenants(), approval).await?);
    }
    Ok(ListApprovalsResponse { approvals, next_page_token: asked.token(page.next)? })
}

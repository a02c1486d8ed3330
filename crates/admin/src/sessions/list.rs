//! `ListSessions`.

use chancery_proto::v1::{ListSessionsRequest, ListSessionsResponse};

use super::message;
use crate::{call::Call, context::Context, grants::reference, name, page, reach, status::Refusal};

/// Sessions of a tenant or of one user, in the order in which they began unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListSessionsRequest,
) -> Result<ListSessionsResponse, Refusal> {
    let now = cx.clock.now();
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let user = reference::user(&reached, "user", &request.user).await?;
    let page = reached.read().session_lists().list(user, query).await?;
    let sessions = page.rows.iter().map(|listed| message::of(&reached.tenant, listed, now)).collect();
    Ok(ListSessionsResponse { sessions, next_page_token: asked.token(page.next)? })
}

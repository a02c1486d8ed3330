//! `ListConsents`.

use chancery_domain::ports::consents::ConsentSelection;
use chancery_proto::v1::{ListConsentsRequest, ListConsentsResponse};

use super::message;
use crate::{call::Call, context::Context, grants::reference, name, page, reach, status::Refusal};

/// Consents of a user, to a client, or of the whole tenant.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListConsentsRequest,
) -> Result<ListConsentsResponse, Refusal> {
    let (tenant, user) = name::consent_parent("parent", &request.parent)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    if user.is_some() {
        reference::user(&reached, "parent", &request.parent).await?;
    }
    let of = ConsentSelection { user, client: reference::client(&reached, "client", &request.client).await? };
    let page = reached.read().consent_lists().list(&of, query).await?;
    let consents = page.rows.iter().map(|listed| message::of(&tenant, listed)).collect();
    Ok(ListConsentsResponse { consents, next_page_token: asked.token(page.next)? })
}

//! `ListClients`.

use chancery_proto::v1::{ListClientsRequest, ListClientsResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// The clients of a tenant that are asked for, in the order of their names unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListClientsRequest,
) -> Result<ListClientsResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let page = reached.read().clients().list(query).await?;
    let clients = page.rows.iter().map(|client| message::of(&reached.tenant.slug, client)).collect();
    Ok(ListClientsResponse { clients, next_page_token: asked.token(page.next)? })
}

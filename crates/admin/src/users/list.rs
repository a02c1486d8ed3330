//! `ListUsers`.

use chancery_proto::v1::{ListUsersRequest, ListUsersResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// The users of a tenant that are asked for, in the order of their ids unless asked otherwise.
pub(super) async fn list(cx: &Context, call: &Call, request: ListUsersRequest) -> Result<ListUsersResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let page = reached.read().users().list(query).await?;
    let users = page.rows.iter().map(|user| message::of(&reached.tenant.slug, user)).collect();
    Ok(ListUsersResponse { users, next_page_token: asked.token(page.next)? })
}

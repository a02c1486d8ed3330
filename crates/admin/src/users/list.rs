//! `ListUsers`.

use chancery_domain::page::Page;
use chancery_proto::v1::{ListUsersRequest, ListUsersResponse};

use super::{filter, message};
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Users of a tenant in the order of their names, or the one that the filter names.
pub(super) async fn list(cx: &Context, call: &Call, request: ListUsersRequest) -> Result<ListUsersResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let page = match filter::read(&request.filter)? {
        None => reached.read().users().list(asked.request()).await?,
        Some(login) => {
            Page { rows: reached.read().users().find_by_login(&login).await?.into_iter().collect(), next: None }
        }
    };
    let users = page.rows.iter().map(|user| message::of(&reached.tenant.slug, user)).collect();
    Ok(ListUsersResponse { users, next_page_token: asked.token(page.next)? })
}

//! `ListRoleBindings`.

use chancery_proto::v1::{ListRoleBindingsRequest, ListRoleBindingsResponse};

use super::message::Names;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Role bindings of the platform or of a tenant, oldest first unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListRoleBindingsRequest,
) -> Result<ListRoleBindingsResponse, Refusal> {
    let parent = name::optional_tenant("parent", &request.parent)?;
    let place = reach::readable_place(cx, call, parent.as_ref()).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let platform = cx.platform.read();
    let page = platform.role_bindings().list(place, query).await?;
    let names = Names::of(platform.roles(), parent.as_ref(), place).await?;
    let role_bindings = page.rows.iter().map(|binding| names.message(binding)).collect();
    Ok(ListRoleBindingsResponse { role_bindings, next_page_token: asked.token(page.next)? })
}

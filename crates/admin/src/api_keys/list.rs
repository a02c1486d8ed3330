//! `ListApiKeys`.

use chancery_proto::v1::{ListApiKeysRequest, ListApiKeysResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// API keys of the platform or of a tenant, oldest first unless asked otherwise, without their text.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListApiKeysRequest,
) -> Result<ListApiKeysResponse, Refusal> {
    let parent = name::optional_tenant("parent", &request.parent)?;
    let keys_of = reach::readable_place(cx, call, parent.as_ref()).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let page = cx.platform.read().admin_keys().list(keys_of, query).await?;
    let api_keys = page.rows.iter().map(|key| message::of(parent.as_ref(), key)).collect();
    Ok(ListApiKeysResponse { api_keys, next_page_token: asked.token(page.next)? })
}

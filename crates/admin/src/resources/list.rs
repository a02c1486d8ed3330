//! `ListResources`.

use chancery_proto::v1::{ListResourcesRequest, ListResourcesResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Resources of a tenant in the order of their names.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListResourcesRequest,
) -> Result<ListResourcesResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let all = reached.read().resources().all().await?;
    let page = asked.cut(all, |resource| resource.slug.to_string());
    let resources = page.rows.iter().map(|resource| message::of(&reached.tenant.slug, resource)).collect();
    Ok(ListResourcesResponse { resources, next_page_token: asked.token(page.next)? })
}

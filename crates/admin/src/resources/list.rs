//! `ListResources`.

use chancery_domain::resource::Resource;
use chancery_proto::v1::{ListResourcesRequest, ListResourcesResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Resources of a tenant in the order of their names unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListResourcesRequest,
) -> Result<ListResourcesResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let all = reached.read().resources().all().await?;
    let page = query.of(all, Resource::field, |resource| resource.slug.to_string());
    let resources = page.rows.iter().map(|resource| message::of(&reached.tenant.slug, resource)).collect();
    Ok(ListResourcesResponse { resources, next_page_token: asked.token(page.next)? })
}

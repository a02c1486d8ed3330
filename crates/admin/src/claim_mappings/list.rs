//! `ListClaimMappings`.

use chancery_domain::claim_mapping::ClaimMapping;
use chancery_proto::v1::{ListClaimMappingsRequest, ListClaimMappingsResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Claim mappings of a tenant in the order of their names unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListClaimMappingsRequest,
) -> Result<ListClaimMappingsResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let all = reached.read().claim_mappings().all().await?;
    let page = query.of(all, ClaimMapping::field, |mapping| mapping.slug.to_string());
    let claim_mappings = page.rows.iter().map(|mapping| message::of(&reached.tenant.slug, mapping)).collect();
    Ok(ListClaimMappingsResponse { claim_mappings, next_page_token: asked.token(page.next)? })
}

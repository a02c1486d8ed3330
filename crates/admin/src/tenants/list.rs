//! `ListTenants`.

use chancery_proto::v1::{ListTenantsRequest, ListTenantsResponse};

use super::message;
use crate::{call::Call, context::Context, page, status::Refusal};

/// The tenants that are asked for, in the order of their names unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListTenantsRequest,
) -> Result<ListTenantsResponse, Refusal> {
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let page = cx.platform.read().tenants().list(query, request.show_deleted).await?;
    let tenants = page.rows.iter().map(|tenant| message::of(cx, tenant)).collect();
    Ok(ListTenantsResponse { tenants, next_page_token: asked.token(page.next)? })
}

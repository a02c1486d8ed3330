//! `ListTrustedIssuers`.

use chancery_domain::trusted_issuer::TrustedIssuer;
use chancery_proto::v1::{ListTrustedIssuersRequest, ListTrustedIssuersResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Trusted issuers of a tenant in the order of their names unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListTrustedIssuersRequest,
) -> Result<ListTrustedIssuersResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let all = reached.read().trusted_issuers().all().await?;
    let page = query.of(all, TrustedIssuer::field, |issuer| issuer.slug.to_string());
    let trusted_issuers = page.rows.iter().map(|issuer| message::of(&reached.tenant.slug, issuer)).collect();
    Ok(ListTrustedIssuersResponse { trusted_issuers, next_page_token: asked.token(page.next)? })
}

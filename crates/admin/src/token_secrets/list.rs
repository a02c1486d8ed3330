//! `ListTokenSecrets`.

use chancery_domain::token_secret::TokenSecret;
use chancery_proto::v1::{ListTokenSecretsRequest, ListTokenSecretsResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Token secrets of a tenant, oldest first unless asked otherwise, without their text.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListTokenSecretsRequest,
) -> Result<ListTokenSecretsResponse, Refusal> {
    let tenant = name::tenant("parent", &request.parent)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let secrets = reached.read().token_secrets().all().await?;
    // Ids begin with the time at which they were made.
    let page = query.of(secrets, TokenSecret::field, |secret| secret.id.to_string());
    let token_secrets = page.rows.iter().map(|secret| message::of(&tenant, secret)).collect();
    Ok(ListTokenSecretsResponse { token_secrets, next_page_token: asked.token(page.next)? })
}

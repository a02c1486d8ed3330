//! `ListInitialAccessTokens`.

use chancery_domain::registration::InitialAccessToken;
use chancery_proto::v1::{ListInitialAccessTokensRequest, ListInitialAccessTokensResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Initial access tokens of a tenant, oldest first unless asked otherwise, without their text.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListInitialAccessTokensRequest,
) -> Result<ListInitialAccessTokensResponse, Refusal> {
    let tenant = name::tenant("parent", &request.parent)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let tokens = reached.read().initial_access_tokens().all().await?;
    // Ids begin with the time at which they were made.
    let page = query.of(tokens, InitialAccessToken::field, |token| token.id.to_string());
    let initial_access_tokens = page.rows.iter().map(|token| message::of(&tenant, token)).collect();
    Ok(ListInitialAccessTokensResponse { initial_access_tokens, next_page_token: asked.token(page.next)? })
}

//! `ListInitialAccessTokens`.

use chancery_proto::v1::{ListInitialAccessTokensRequest, ListInitialAccessTokensResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Initial access tokens of a tenant, oldest first, without their text.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListInitialAccessTokensRequest,
) -> Result<ListInitialAccessTokensResponse, Refusal> {
    let tenant = name::tenant("parent", &request.parent)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let asked = page::asked(cx, call, &request)?;
    let mut tokens = reached.read().initial_access_tokens().all().await?;
    // Ids begin with the time at which they were made.
    tokens.sort_by_key(|token| token.id);
    let page = asked.cut(tokens, |token| token.id.to_string());
    let initial_access_tokens = page.rows.iter().map(|token| message::of(&tenant, token)).collect();
    Ok(ListInitialAccessTokensResponse { initial_access_tokens, next_page_token: asked.token(page.next)? })
}

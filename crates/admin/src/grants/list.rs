//! `ListGrants`.

use chancery_domain::grant::GrantState;
use chancery_proto::v1::{ListGrantsRequest, ListGrantsResponse, grant::State};

use super::{message, reference};
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Grants of a tenant, in the order in which they were given unless asked otherwise.
pub(super) async fn list(cx: &Context, call: &Call, request: ListGrantsRequest) -> Result<ListGrantsResponse, Refusal> {
    let now = cx.clock.now();
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let of = reference::selection(&reached, &request.user, &request.client, &request.session).await?;
    let state = match State::try_from(request.state) {
        Ok(State::Unspecified) => None,
        Ok(State::Live) => Some(GrantState::Live),
        Ok(State::Revoked) => Some(GrantState::Revoked),
        Ok(State::Expired) => Some(GrantState::Expired),
        Err(_) => return Err(Refusal::field("state", "must be a state that grants have")),
    };
    let page = reached.read().grant_lists().list(&of, state, now, query).await?;
    let grants = page.rows.iter().map(|listed| message::of(&reached.tenant.slug, listed, now)).collect();
    Ok(ListGrantsResponse { grants, next_page_token: asked.token(page.next)? })
}

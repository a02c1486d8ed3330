//! `RevokeToken`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::Fault,
    tenant::TenantSettings,
    token_id::{TokenId, TokenOrigin},
};
use chancery_proto::v1::{RevokeTokenRequest, RevokeTokenResponse};

use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    name,
    reach::{self, Reached},
    span,
    status::{Reason, Refusal},
};

/// Takes back one access token. It is remembered for as long as any token may live, because the `jti` alone does not tell
/// when this one ends.
pub(super) async fn revoke_token(
    cx: &Context,
    call: &Call,
    request: RevokeTokenRequest,
) -> Result<RevokeTokenResponse, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let malformed = |_| Refusal::field("token_id", "must be the `jti` of an access token");
    let token: TokenId = request.token_id.parse().map_err(malformed)?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, token, request.validate_only)).await
}

async fn work(errand: &Errand<'_>, token: TokenId, trial: bool) -> Result<RevokeTokenResponse, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    if !hangs_here(reached, token.origin).await? {
        let name = name::of_tenant(&reached.tenant.slug);
        return Err(Refusal::not_found(Reason::TokenNotFound, "Token", &format!("token {token} of {name}")));
    }
    let until = now + TenantSettings::LONGEST_TOKEN_LIFE;
    let answer = RevokeTokenResponse { deny_until_time: Some(span::moment(until)) };
    if trial {
        return Ok(answer);
    }
    let event = reached.event(now, Action::TokenRevoked);
    let event = match token.origin {
        TokenOrigin::Grant(grant) => event.about(Noun::Grant, &grant),
        TokenOrigin::Client(client) => event.about(Noun::Client, &client),
    };
    let tx = reached.begin().await?;
    tx.grants().deny(&token, until).await?;
    tx.audit(event).await?;
    errand.commit(tx, answer, now).await
}

/// Whether what the token hangs on is in this tenant.
async fn hangs_here(reached: &Reached<'_>, origin: TokenOrigin) -> Result<bool, Fault> {
    let rows = reached.read();
    match origin {
        TokenOrigin::Grant(grant) => Ok(rows.grants().standing(grant).await?.is_some()),
        TokenOrigin::Client(client) => Ok(rows.clients().find_by_uid(client).await?.is_some()),
    }
}

//! The UserInfo endpoint (OpenID Connect Core section 5.3).

use chancery_domain::{
    claim_mapping::{ClaimMapping, ClaimTarget},
    client::Client,
    fault::Fault,
    user::User,
    view::TenantView,
};
use serde_json::{Map, Value};

use crate::{
    Context,
    access_token::{AccessToken, Standing},
    named, scopes,
};

/// Why a bearer token opens nothing (RFC 6750 section 3.1). That there was none is the door's to say.
#[derive(Debug, thiserror::Error)]
pub enum BearerError {
    /// `invalid_token`: not one of this tenant's, expired, taken back, or its user is gone.
    #[error("the access token is not good")]
    InvalidToken,
    /// `insufficient_scope`: good, and without `openid`.
    #[error("the access token does not have the scope openid")]
    InsufficientScope,
    /// We are at fault.
    #[error(transparent)]
    Ours(#[from] Fault),
}

/// What the scopes of an access token open about its user, and what its request named: always `sub`, and never a null or
/// an empty text.
pub async fn claims(cx: &Context, view: &TenantView, access_token: &str) -> Result<Map<String, Value>, BearerError> {
    let now = cx.clock.now();
    let token = AccessToken::read(view, access_token, now).ok_or(BearerError::InvalidToken)?;
    let ours = view.tenant.is_active() && token.is_meant_for_us(view);
    let standing = if ours { token.standing(cx, view, now).await? } else { None };
    let Standing { client, grant } = standing.ok_or(BearerError::InvalidToken)?;
    let is_openid = token.scopes().any(|scope| scope == "openid");
    let Some(grant) = grant.filter(|_| is_openid) else { return Err(BearerError::InsufficientScope) };
    let user = user(cx, view, &token).await?.ok_or(BearerError::InvalidToken)?;
    let opened = scopes::opened(view, token.scopes()).into_iter();
    let mut claims: Map<_, _> = opened.filter_map(|name| Some((name.to_owned(), user.claim(name)?))).collect();
    claims.extend(named::claims(view, &client, &grant.claims.userinfo, &user));
    claims.extend(mapped(view, &client, &token, &user));
    Ok(claims)
}

/// The user that the token is about.
async fn user(cx: &Context, view: &TenantView, token: &AccessToken) -> Result<Option<User>, Fault> {
    let Some(id) = token.text("sub").and_then(|sub| sub.parse().ok()) else { return Ok(None) };
    let rows = cx.store.read(view.tenant.id);
    Ok(rows.users().find(id).await?.filter(User::is_enabled))
}

/// What the tenant's claim mappings say of the user; where a scope opens a claim of the same name, in its place.
fn mapped(view: &TenantView, client: &Client, token: &AccessToken, user: &User) -> Map<String, Value> {
    let has_scope = |scope: &str| token.scopes().any(|own| own == scope);
    ClaimMapping::claims(view.claim_mappings.applying(ClaimTarget::Userinfo, client.uid, has_scope), Some(user))
}

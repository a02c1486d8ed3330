//! The UserInfo endpoint (OpenID Connect Core section 5.3).

use std::collections::BTreeSet;

use chancery_domain::{
    claim_mapping::{ClaimMapping, ClaimTarget},
    fault::Fault,
    scope::BuiltInScope,
    token_id::TokenOrigin,
    user::User,
    view::TenantView,
};
use serde_json::{Map, Value};

use crate::{Context, access_token::AccessToken};

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

/// What the scopes of an access token open about its user: always `sub`, and never a null or an empty text.
pub async fn claims(cx: &Context, view: &TenantView, access_token: &str) -> Result<Map<String, Value>, BearerError> {
    let now = cx.clock.now();
    let token = AccessToken::read(view, access_token, now).ok_or(BearerError::InvalidToken)?;
    let ours = view.tenant.is_active() && token.is_meant_for_us(view);
    if !ours || !token.is_good(cx, view, now).await? {
        return Err(BearerError::InvalidToken);
    }
    let is_openid = token.scopes().any(|scope| scope == "openid");
    match token.id.origin {
        TokenOrigin::Grant(_) if is_openid => {}
        TokenOrigin::Grant(_) | TokenOrigin::Client(_) => return Err(BearerError::InsufficientScope),
    }
    let user = user(cx, view, &token).await?.ok_or(BearerError::InvalidToken)?;
    let opened = opened(view, &token).into_iter().filter_map(|name| Some((name.to_owned(), user.claim(name)?)));
    let mut claims: Map<_, _> = opened.collect();
    claims.extend(mapped(cx, view, &token, &user).await?);
    Ok(claims)
}

/// The user that the token is about.
async fn user(cx: &Context, view: &TenantView, token: &AccessToken) -> Result<Option<User>, Fault> {
    let Some(id) = token.text("sub").and_then(|sub| sub.parse().ok()) else { return Ok(None) };
    let rows = cx.store.read(view.tenant.id);
    Ok(rows.users().find(id).await?.filter(User::is_enabled))
}

/// What the tenant's claim mappings say of the user; where a scope opens a claim of the same name, in its place.
async fn mapped(
    cx: &Context,
    view: &TenantView,
    token: &AccessToken,
    user: &User,
) -> Result<Map<String, Value>, Fault> {
    let mappings = &view.claim_mappings;
    if mappings.of(ClaimTarget::Userinfo).is_empty() {
        return Ok(Map::new());
    }
    let Some(id) = token.text("client_id").and_then(|id| id.parse().ok()) else { return Ok(Map::new()) };
    let Some(client) = cx.directory.client(view.tenant.id, &id).await? else { return Ok(Map::new()) };
    let has_scope = |scope: &str| token.scopes().any(|own| own == scope);
    Ok(ClaimMapping::claims(mappings.applying(ClaimTarget::Userinfo, client.uid, has_scope), Some(user)))
}

/// The names of the claims behind the token's scopes, the tenant's own scopes included.
fn opened<'a>(view: &'a TenantView, token: &AccessToken) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::from(["sub"]);
    for scope in token.scopes() {
        names.extend(BuiltInScope::find(scope).into_iter().flat_map(|built_in| built_in.claims));
        let own = view.scopes.iter().find(|own| own.value.as_str() == scope);
        names.extend(own.into_iter().flat_map(|own| own.claims.iter().map(String::as_str)));
    }
    names
}

//! The introspection endpoint (RFC 7662).
//!
//! A confidential client hears about tokens that were issued to it, and about those whose audience names it. All
//! others are inactive to it, as are those that are expired, taken back or no tokens of this tenant at all.

use chancery_domain::{
    client::Client,
    fault::Fault,
    refresh::Presented,
    secret::{OpaqueToken, TokenKind},
    time::Timestamp,
    view::TenantView,
};
use serde_json::{Map, Value};

use crate::{
    Context,
    access_token::AccessToken,
    client_auth::{self, Credentials},
    error::OAuthError,
    parameters::Parameters,
};

/// What the tenant says of a token: at least `active`. The hint about its type is not needed and not trusted.
pub async fn introspect(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    let caller = client_auth::prove(cx, view, credentials).await?;
    if caller.is_public() {
        return Err(OAuthError::invalid_client());
    }
    let token = parameters.one("token")?;
    let now = cx.clock.now();
    let said = match OpaqueToken::parse(TokenKind::Refresh, token) {
        _ if !view.tenant.is_active() => None,
        Some(token) => refresh_token(cx, view, &caller, &token, now).await?,
        None => access_token(cx, view, &caller, token, now).await?,
    };
    let mut answer = Map::new();
    answer.insert("active".to_owned(), said.is_some().into());
    answer.extend(said.unwrap_or_default());
    Ok(answer)
}

/// What an access token says of itself.
async fn access_token(
    cx: &Context,
    view: &TenantView,
    caller: &Client,
    token: &str,
    now: Timestamp,
) -> Result<Option<Map<String, Value>>, Fault> {
    let Some(token) = AccessToken::read(view, token, now) else { return Ok(None) };
    let caller_id = caller.id.as_str();
    let may_know = token.is_of(caller_id) || token.is_meant_for(caller_id);
    if !may_know || !token.is_good(cx, view, now).await? {
        return Ok(None);
    }
    let mut said = token.claims;
    said.insert("token_type".to_owned(), "Bearer".into());
    Ok(Some(said))
}

/// What we know of a refresh token that can still be used.
async fn refresh_token(
    cx: &Context,
    view: &TenantView,
    caller: &Client,
    token: &OpaqueToken,
    now: Timestamp,
) -> Result<Option<Map<String, Value>>, Fault> {
    let rows = cx.store.read(view.tenant.id);
    let standing = rows.refresh().standing(&token.digest()).await?.filter(|it| it.family.client == caller.uid);
    let Some(standing) = standing else { return Ok(None) };
    match standing.presented(view.tenant.settings.refresh_grace, now) {
        Presented::Fresh => {}
        Presented::Again(_) | Presented::Replayed | Presented::Expired => return Ok(None),
    }
    let grant = rows.grants().standing(standing.family.grant).await?.filter(|grant| grant.is_good(now));
    Ok(grant.map(|good| {
        let said: [(&str, Value); 6] = [
            ("iss", view.issuer.as_str().into()),
            ("sub", good.grant.user.to_string().into()),
            ("client_id", caller.id.as_str().into()),
            ("scope", good.grant.scopes.to_string().into()),
            ("iat", standing.token.issued_at.seconds().into()),
            ("exp", standing.token.expires_at.seconds().into()),
        ];
        said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }))
}

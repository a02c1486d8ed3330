//! The introspection endpoint (RFC 7662).
//!
//! A confidential client hears about tokens that were issued to it, and about those whose audience names it or a resource
//! that it speaks for. All others are inactive to it, as are those that are expired, taken back or no tokens of this tenant
//! at all.

use std::sync::Arc;

use chancery_domain::{
    client::Client,
    confirmation::Confirmation,
    fault::Fault,
    refresh::Presented,
    secret::{OpaqueToken, TokenKind},
    time::Timestamp,
    view::TenantView,
    vocabulary::TokenType,
};
use serde_json::{Map, Value, json};

use crate::{
    Context,
    access_token::AccessToken,
    client_auth::{self, Credentials},
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
    subject,
};

/// What the tenant says of a token: at least `active`. The hint about its type is not needed and not trusted.
pub async fn introspect(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    let caller = proven(cx, view, credentials).await?;
    answer(cx, view, &caller, parameters).await
}

/// The same, signed (RFC 9701 section 5): for clients that registered what signs it, and for no other. What is signed can
/// be shown to others as a proof, so whoever only wants to use tokens has no need of it.
pub async fn introspect_signed(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
    parameters: &Parameters,
) -> Result<String, OAuthError> {
    let caller = proven(cx, view, credentials).await?;
    let Some(registered) = caller.metadata.tokens.introspection_signing else {
        let hint = "the client did not register introspection_signed_response_alg";
        return Err(OAuthError::new(ErrorCode::UnauthorizedClient, hint));
    };
    let told = answer(cx, view, &caller, parameters).await?;
    let now = cx.clock.now();
    if !view.may_sign(now) {
        return Err(Fault::unavailable("nothing is signed", "the view of the tenant is too old").into());
    }
    let claims = json!({
        "iss": view.issuer.as_str(),
        "aud": caller.id.as_str(),
        "iat": now.seconds(),
        "token_introspection": told,
    });
    let claims = serde_json::to_vec(&claims).map_err(|error| Fault::broken("claims cannot be written", error))?;
    Ok(view.signer.sign(view.signing_with(Some(registered)), TokenType::Introspection, &claims).await?)
}

/// The client that asks, which has to have something to prove itself with.
async fn proven(cx: &Context, view: &TenantView, credentials: &Credentials) -> Result<Arc<Client>, OAuthError> {
    let caller = client_auth::prove(cx, view, credentials).await?;
    if caller.is_public() { Err(OAuthError::invalid_client()) } else { Ok(caller) }
}

async fn answer(
    cx: &Context,
    view: &TenantView,
    caller: &Client,
    parameters: &Parameters,
) -> Result<Map<String, Value>, OAuthError> {
    let token = parameters.one("token")?;
    let now = cx.clock.now();
    let said = match OpaqueToken::parse(TokenKind::Refresh, token) {
        _ if !view.tenant.is_active() => None,
        Some(token) => refresh_token(cx, view, caller, &token, now).await?,
        None => access_token(cx, view, caller, token, now).await?,
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
    let may_know = token.is_of(caller.id.as_str()) || token.is_meant_for_client(caller);
    if !may_know || !token.is_good(cx, view, now).await? {
        return Ok(None);
    }
    let mut said = token.claims;
    said.insert("token_type".to_owned(), Confirmation::token_type(token.confirmation.as_ref()).into());
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
    let Some(good) = grant else { return Ok(None) };
    let sub = subject::of(view, caller, good.grant.user)?;
    let said: [(&str, Value); 6] = [
        ("iss", view.issuer.as_str().into()),
        ("sub", sub.into()),
        ("client_id", caller.id.as_str().into()),
        ("scope", good.grant.scopes.to_string().into()),
        ("iat", standing.token.issued_at.seconds().into()),
        ("exp", standing.token.expires_at.seconds().into()),
    ];
    Ok(Some(said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

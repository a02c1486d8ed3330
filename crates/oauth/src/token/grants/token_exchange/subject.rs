//! The subject's token: one of ours that is good now, in the hands of somebody who may exchange it.

use chancery_domain::{id::ClientId, resource::ResourceSet, scope::ScopeSet, time::Timestamp, token_id::TokenOrigin};
use serde_json::{Map, Value};

use super::by_shared_secret;
use crate::{
    access_token::AccessToken,
    error::{ErrorCode, OAuthError},
    token::{Call, granted::Authentication},
};

/// What the subject's token says and hangs on.
pub(super) struct Subject {
    pub(super) origin: TokenOrigin,
    /// Who signed in; none where a client acts for itself.
    pub(super) authentication: Option<Authentication>,
    /// The client that acts for itself, where one does.
    pub(super) client: Option<ClientId>,
    pub(super) scopes: ScopeSet,
    /// Whom the token is for.
    pub(super) audience: ResourceSet,
    pub(super) ends_at: Timestamp,
    /// Whether it was issued to the client that presents it.
    pub(super) is_own: bool,
    /// All that it says.
    pub(super) claims: Map<String, Value>,
}

impl Subject {
    /// Reads a token that is good (RFC 8693 section 2.2.2: another one is `invalid_request`), that nobody but us can have
    /// written, and that this client may exchange: its own, one that names it as an audience, or one for a resource that it
    /// speaks for.
    pub(super) async fn find(call: &Call<'_>, text: &str) -> Result<Self, OAuthError> {
        let bad = || OAuthError::invalid_request("subject_token is not one of this tenant's that is good now");
        let token = AccessToken::read(call.view, text, call.now).ok_or_else(bad)?;
        if token.has_hmac_form() {
            return Err(by_shared_secret());
        }
        let standing = token.standing(call.cx, call.view, call.now).await?.ok_or_else(bad)?;
        let is_own = token.is_of(call.client.id.as_str());
        if !is_own && !token.is_meant_for_client(call.client) {
            let hint = "the client may not exchange this token: it was not issued to it and is for somebody else";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, hint));
        }
        let (authentication, subject_client) = match &standing.grant {
            Some(grant) => (Some(Authentication::of(grant, None)), None),
            None => (None, Some(token.text("sub").and_then(|sub| sub.parse().ok()).ok_or_else(bad)?)),
        };
        Ok(Self {
            origin: token.id.origin,
            authentication,
            client: subject_client,
            scopes: token.scopes().filter_map(|scope| scope.parse().ok()).collect(),
            audience: token.audience().filter_map(|party| party.parse().ok()).collect(),
            ends_at: token.expires_at,
            is_own,
            claims: token.claims,
        })
    }
}

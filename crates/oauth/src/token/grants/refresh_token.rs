//! A refresh token for tokens (RFC 6749 section 6, RFC 9700 section 4.14.2). It rotates, unless it is bound to a key
//! (RFC 9449 section 5): then a copy is of no use to anybody, and it stays what it is.
//!
//! ```text
//! fresh, bound ──► fresh
//! fresh ──► spent, child handed out
//! spent a moment ago, child unused ──► the same child again: a lost answer heals, parallel callers get one child
//! spent otherwise ──► somebody has a copy: the grant is over
//! ```

mod first;
mod rotation;

use chancery_domain::{
    grant::Grant,
    refresh::{Presented, RefreshStanding},
    resource::ResourceSet,
    scope::ScopeSet,
    secret::{OpaqueToken, TokenKind},
};
pub(super) use first::FirstToken;
pub(in crate::token) use rotation::Rotation;

use super::Settlement;
use crate::{
    error::OAuthError,
    parameters::Parameters,
    resources::{self, Narrowed},
    scopes,
    token::{
        Call,
        granted::Granted,
        replay::{Replay, punish},
    },
};

/// What the client presents.
pub(in crate::token) struct RefreshGrant {
    token: Option<OpaqueToken>,
    scopes: Option<ScopeSet>,
    resources: ResourceSet,
}

impl RefreshGrant {
    pub(in crate::token) fn parse(parameters: &Parameters) -> Result<Self, OAuthError> {
        Ok(Self {
            token: OpaqueToken::parse(TokenKind::Refresh, parameters.one("refresh_token")?),
            scopes: scopes::parse(parameters)?,
            resources: resources::parse(parameters)?,
        })
    }

    /// Finds the token and its grant. Another client's token stays as it is.
    pub(in crate::token) async fn authorize(self, call: &Call<'_>) -> Result<(Granted, Settlement), OAuthError> {
        let Self { token: Some(token), scopes, resources } = self else { return Err(Replay::Refresh.refusal()) };
        let standing = find(call, &token).await?;
        call.check_family_binding(&standing.family)?;
        let grant = find_grant(call, &standing).await?;
        let rotation = match standing.presented(call.view.tenant.settings.refresh_grace, call.now) {
            Presented::Fresh if is_used_up(call, &standing) => return Err(Replay::Refresh.refusal()),
            Presented::Fresh if standing.family.confirmation.is_some() => Rotation::keep(call, token, &standing),
            Presented::Fresh => Rotation::spend(call, token, &standing)?,
            Presented::Again(spent) => Rotation::again(call, &token, spent)?,
            Presented::Expired => return Err(Replay::Refresh.refusal()),
            Presented::Replayed => {
                let tx = call.cx.store.begin(call.view.tenant.id).await?;
                return Err(punish(call, tx, grant.id, Replay::Refresh).await);
            }
        };
        let remaining = scopes::remaining(call.client, &grant.scopes);
        let narrow = resources::narrow(call.view, call.client, &grant.resources, remaining, resources)?;
        let narrow = Narrowed { scopes: scopes::narrowed(narrow.scopes, scopes)?, ..narrow };
        Ok((Granted::by_user(&grant, narrow, None), Settlement::Refresh(rotation)))
    }
}

/// Whether it came out of the last refresh that the client may make with one grant.
fn is_used_up(call: &Call<'_>, standing: &RefreshStanding) -> bool {
    let most = call.client.metadata.tokens.lifetimes.refresh_max_uses;
    most.is_some_and(|most| standing.token.turns >= most)
}

async fn find(call: &Call<'_>, token: &OpaqueToken) -> Result<RefreshStanding, OAuthError> {
    let rows = call.cx.store.read(call.view.tenant.id);
    let standing = rows.refresh().standing(&token.digest()).await?;
    standing.filter(|standing| standing.family.client == call.client.uid).ok_or(Replay::Refresh.refusal())
}

/// The grant, as long as it and its user are good.
async fn find_grant(call: &Call<'_>, standing: &RefreshStanding) -> Result<Grant, OAuthError> {
    let rows = call.cx.store.read(call.view.tenant.id);
    let standing = rows.grants().standing(standing.family.grant).await?;
    let good = standing.filter(|standing| standing.is_good(call.now)).map(|standing| standing.grant);
    good.ok_or(Replay::Refresh.refusal())
}

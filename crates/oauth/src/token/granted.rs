//! Who granted what.

use std::{collections::BTreeMap, time::Duration};

use chancery_domain::{
    claims_request::WantedClaim,
    grant::Grant,
    id::{ClientId, ClientUid, SessionId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    time::Timestamp,
    token_id::TokenOrigin,
    vocabulary::Acr,
};

use serde_json::Value;

use super::Call;
use crate::resources::{Audience, Narrowed};

/// What the tokens will say.
pub(super) struct Granted {
    /// What they hang on.
    pub(super) origin: TokenOrigin,
    /// What they allow.
    pub(super) scopes: ScopeSet,
    /// The resources that were named for this token; empty where none was.
    pub(super) resources: ResourceSet,
    /// How the user proved who they are; none where the client acts for itself.
    pub(super) authentication: Option<Authentication>,
    /// What an exchanged token adds and where it ends; none for every other.
    pub(super) exchanged: Option<Exchanged>,
}

/// What an exchanged token takes from the one that it was exchanged for (RFC 8693).
pub(super) struct Exchanged {
    /// The client that acts for itself, where the subject is one.
    pub(super) client: Option<ClientId>,
    /// Who acts for the subject: the claim `act`.
    pub(super) act: Option<Value>,
    /// It is over when the other one is.
    pub(super) ends_at: Timestamp,
}

/// A user's proof of who they are.
pub(super) struct Authentication {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) at: Timestamp,
    pub(super) amr: Vec<String>,
    /// What that proves, where the request asked to be told.
    pub(super) acr: Option<Acr>,
    /// Single claims that the request named for ID tokens.
    pub(super) claims: BTreeMap<String, WantedClaim>,
    /// The nonce of the authorization request; only the first ID token of a grant has it.
    pub(super) nonce: Option<String>,
}

impl Authentication {
    /// What a grant tells of it.
    pub(super) fn of(grant: &Grant, nonce: Option<String>) -> Self {
        Self {
            user: grant.user,
            session: grant.session,
            at: grant.authenticated_at,
            amr: grant.amr.clone(),
            acr: grant.acr,
            claims: grant.claims.id_token.clone(),
            nonce,
        }
    }
}

impl Granted {
    /// What a user's grant says, for these of its scopes and resources.
    pub(super) fn by_user(grant: &Grant, narrowed: Narrowed, nonce: Option<String>) -> Self {
        let Narrowed { resources, scopes } = narrowed;
        let (origin, authentication) = (TokenOrigin::Grant(grant.id), Some(Authentication::of(grant, nonce)));
        Self { origin, scopes, resources, authentication, exchanged: None }
    }

    /// What a client grants itself.
    pub(super) const fn by_client(client: ClientUid, scopes: ScopeSet, resources: ResourceSet) -> Self {
        let origin = TokenOrigin::Client(client);
        Self { origin, scopes, resources, authentication: None, exchanged: None }
    }

    /// What is left of another token.
    pub(super) fn by_exchange(
        origin: TokenOrigin,
        narrowed: Narrowed,
        authentication: Option<Authentication>,
        exchanged: Exchanged,
    ) -> Self {
        let Narrowed { resources, scopes } = narrowed;
        Self { origin, scopes, resources, authentication, exchanged: Some(exchanged) }
    }

    /// How long the access token lives: what the client registered for its kind, and no longer than any of those asks for
    /// whom it is, nor than what it was exchanged for.
    pub(super) fn access_ttl(&self, call: &Call<'_>, audience: &Audience<'_>) -> Duration {
        let lives = &call.client.metadata.tokens.lifetimes;
        let own = match self.authentication {
            Some(_) => lives.access_token,
            None => lives.client_credentials.or(lives.access_token),
        };
        let usual = audience.ttl(call.view, own.map(|own| call.view.promised(own)));
        self.exchanged.as_ref().map_or(usual, |exchanged| usual.min(exchanged.ends_at.since(call.now)))
    }
}

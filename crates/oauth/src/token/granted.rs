//! Who granted what.

use std::collections::BTreeMap;

use chancery_domain::{
    claims_request::WantedClaim,
    grant::Grant,
    id::{SessionId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    time::Timestamp,
    token_id::TokenOrigin,
    vocabulary::Acr,
};

use crate::resources::Narrowed;

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

impl Granted {
    /// What a user's grant says, for these of its scopes and resources.
    pub(super) fn by_user(grant: &Grant, narrowed: Narrowed, nonce: Option<String>) -> Self {
        let authentication = Authentication {
            user: grant.user,
            session: grant.session,
            at: grant.authenticated_at,
            amr: grant.amr.clone(),
            acr: grant.acr,
            claims: grant.claims.id_token.clone(),
            nonce,
        };
        let Narrowed { resources, scopes } = narrowed;
        Self { origin: TokenOrigin::Grant(grant.id), scopes, resources, authentication: Some(authentication) }
    }
}

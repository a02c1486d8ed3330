//! Who granted what.

use chancery_domain::{
    grant::Grant,
    id::{SessionId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    time::Timestamp,
    token_id::TokenOrigin,
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
            nonce,
        };
        let Narrowed { resources, scopes } = narrowed;
        Self { origin: TokenOrigin::Grant(grant.id), scopes, resources, authentication: Some(authentication) }
    }
}

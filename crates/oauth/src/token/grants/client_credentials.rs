//! The client for itself (RFC 6749 section 4.4, OAuth 2.1 section 4.2). Nothing is read from the store and no
//! transaction begins.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    resource::ResourceSet,
    scope::ScopeSet,
};

use super::Settlement;
use crate::{
    error::OAuthError,
    parameters::Parameters,
    resources, scopes,
    token::{Call, granted::Granted},
};

/// What the client asks for itself.
pub(in crate::token) struct ClientGrant {
    scopes: ScopeSet,
    resources: ResourceSet,
}

impl ClientGrant {
    pub(in crate::token) fn parse(parameters: &Parameters) -> Result<Self, OAuthError> {
        let resources = resources::parse(parameters)?;
        Ok(Self { scopes: scopes::parse(parameters)?.unwrap_or_default(), resources })
    }

    /// The scopes that are about a user have no meaning here.
    pub(in crate::token) fn authorize(self, call: &Call<'_>) -> Result<(Granted, Settlement), OAuthError> {
        if self.scopes.contains("openid") || self.scopes.contains("offline_access") {
            return Err(OAuthError::invalid_scope("openid and offline_access need a user"));
        }
        scopes::check(call.view, call.client, &self.scopes)?;
        resources::check(call.view, call.client, &self.resources, &self.scopes)?;
        Ok((Granted::by_client(call.client.uid, self.scopes, self.resources), Settlement::Client))
    }
}

/// Writes it into the audit, with others.
pub(super) fn settle(call: &Call<'_>) {
    let actor = Actor::Client(call.client.id.clone());
    let issued = AuditEvent::new(Some(call.view.tenant.id), call.now, actor, Action::ClientTokenIssued);
    call.cx.store.audit_later(issued);
}

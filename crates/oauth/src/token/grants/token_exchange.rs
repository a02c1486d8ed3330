//! A token for one that reaches less (RFC 8693). What comes out never outlives, outreaches or outranks what went in: the
//! scopes and the audience are within those of the subject's token and within the client's own, the end is no later, and
//! whoever revokes the subject's grant ends it too.
//!
//! The token that comes out names in `act` who acts for the subject, and before whom, unless the client may impersonate.

mod act;
mod subject;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    resource::ResourceSet,
    scope::{self, ScopeSet},
    token_id::TokenOrigin,
    vocabulary::AccessTokenFormat,
};

use self::{act::ActorToken, subject::Subject};
use super::Settlement;
use crate::{
    error::OAuthError,
    parameters::Parameters,
    resources::{self, Narrowed},
    scopes,
    token::{
        Call,
        granted::{Exchanged, Granted},
    },
};

/// The one type of token that is taken and given (RFC 8693 section 3).
pub(in crate::token) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What the client presents.
pub(in crate::token) struct ExchangeGrant {
    subject_token: String,
    actor_token: Option<ActorToken>,
    scopes: Option<ScopeSet>,
    resources: ResourceSet,
}

/// That a token was exchanged, for the audit.
pub(in crate::token) struct Exchange(TokenOrigin);

impl ExchangeGrant {
    pub(in crate::token) fn parse(parameters: &Parameters) -> Result<Self, OAuthError> {
        let subject_token = parameters.one("subject_token")?.to_owned();
        check_type("subject_token_type", parameters.one("subject_token_type")?)?;
        if let Some(requested) = parameters.optional("requested_token_type")? {
            check_type("requested_token_type", requested)?;
        }
        Ok(Self {
            subject_token,
            actor_token: ActorToken::parse(parameters)?,
            scopes: scopes::parse(parameters)?,
            resources: parse_targets(parameters)?,
        })
    }

    /// Finds out what the subject's token allows, and what of that the client may have.
    pub(in crate::token) async fn authorize(self, call: &Call<'_>) -> Result<(Granted, Settlement), OAuthError> {
        if call.view.access_token_format() == AccessTokenFormat::Hmac {
            return Err(by_shared_secret());
        }
        let subject = Subject::find(call, &self.subject_token).await?;
        if subject.scopes.contains(scope::ADMIN_API) {
            return Err(OAuthError::invalid_request("what opens the admin API is not exchanged"));
        }
        let act = act::of(call, &subject, self.actor_token).await?;
        let remaining = scopes::remaining(call.client, &subject.scopes);
        let narrow = resources::narrow(call.view, call.client, &subject.audience, remaining, self.resources)?;
        let mut granted = scopes::narrowed(narrow.scopes, self.scopes)?;
        // Nothing that comes out can be renewed.
        granted = granted.iter().filter(|scope| scope.as_str() != "offline_access").cloned().collect();
        let narrow = Narrowed { scopes: granted, ..narrow };
        let settlement = Settlement::Exchange(Exchange(subject.origin));
        let exchanged = Exchanged { client: subject.client, act, ends_at: subject.ends_at };
        Ok((Granted::by_exchange(subject.origin, narrow, subject.authentication, exchanged), settlement))
    }
}

impl Exchange {
    /// Writes it into the audit, with others.
    pub(super) fn settle(&self, call: &Call<'_>) {
        let actor = Actor::Client(call.client.id.clone());
        let event = AuditEvent::new(Some(call.view.tenant.id), call.now, actor, Action::TokenExchanged);
        call.cx.store.audit_later(match self.0 {
            TokenOrigin::Grant(grant) => event.about(Noun::Grant, &grant),
            TokenOrigin::Client(client) => event.about(Noun::Client, &client),
        });
    }
}

/// The refusal of tokens that others can write, and of tenants that would give such ones out: what one of them says must not
/// come back under a signature of ours.
const fn by_shared_secret() -> OAuthError {
    OAuthError::invalid_request("tokens that are signed with a shared secret are not exchanged")
}

/// Refuses every type of token but access tokens of ours.
fn check_type(what: &'static str, named: &str) -> Result<(), OAuthError> {
    if named == ACCESS_TOKEN {
        return Ok(());
    }
    Err(OAuthError::invalid_request(match what {
        "requested_token_type" => "requested_token_type must be urn:ietf:params:oauth:token-type:access_token",
        "actor_token_type" => "actor_token_type must be urn:ietf:params:oauth:token-type:access_token",
        _ => "subject_token_type must be urn:ietf:params:oauth:token-type:access_token",
    }))
}

/// The targets, which may be named by `resource` and by `audience` alike (RFC 8693 section 2.1): resources of the tenant.
fn parse_targets(parameters: &Parameters) -> Result<ResourceSet, OAuthError> {
    let unknown = |_| OAuthError::invalid_target("audience must be the identifier of a resource");
    let named = resources::parse(parameters)?;
    let audiences = parameters.all("audience").take(ResourceSet::MOST + 1).map(|text| text.parse().map_err(unknown));
    let audiences = audiences.collect::<Result<Vec<_>, _>>()?;
    if audiences.len() > ResourceSet::MOST {
        return Err(OAuthError::invalid_target("audience must not be sent more than 20 times"));
    }
    Ok(named.iter().cloned().chain(audiences).collect())
}

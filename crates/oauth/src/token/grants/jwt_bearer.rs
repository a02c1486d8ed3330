//! What an issuer outside asserts, for a token (RFC 7523 section 2.1). The tenant says whom it trusts, about whom, and who
//! may come with it; the assertion is signed with one of the algorithms that were agreed, meant for this issuer alone, over
//! within the hour, and good once.
//!
//! Nothing that comes out can be renewed, and nothing of it is about a sign-in here: who wants more brings another assertion.

mod assertion;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    claims_request::ClaimsRequest,
    fault::Fault,
    grant::Grant,
    id::{GrantId, SessionId, TrustedIssuerSlug},
    resource::ResourceSet,
    scope::{self, ScopeSet},
    secret::Digest,
    time::Timestamp,
    trusted_issuer::{SubjectMapping, TrustedIssuer},
    user::{Login, User},
};

use self::assertion::Asserted;
use super::{Settlement, authorization_code::MARGIN};
use crate::{
    error::OAuthError,
    parameters::Parameters,
    resources, scopes,
    token::{Call, granted::Granted},
};

/// What the client presents.
pub(in crate::token) struct AssertionGrant {
    assertion: String,
    scopes: ScopeSet,
    resources: ResourceSet,
}

/// That an assertion is used up, and the grant that begins with it, where it is about a user.
pub(in crate::token) struct AssertionUse {
    issuer: TrustedIssuerSlug,
    assertion: Digest,
    until: Timestamp,
    grant: Option<Grant>,
}

/// One answer for everything that is wrong with an assertion: why, is between the tenant and its issuers.
const fn refusal() -> OAuthError {
    OAuthError::invalid_grant("the assertion is not one that this client gets tokens for now")
}

impl AssertionGrant {
    pub(in crate::token) fn parse(parameters: &Parameters) -> Result<Self, OAuthError> {
        Ok(Self {
            assertion: parameters.one("assertion")?.to_owned(),
            scopes: scopes::parse(parameters)?.unwrap_or_default(),
            resources: resources::parse(parameters)?,
        })
    }

    /// Finds out who asserts what, and what that is good for.
    pub(in crate::token) async fn authorize(self, call: &Call<'_>) -> Result<(Granted, Settlement), OAuthError> {
        let (issuer, asserted) = Asserted::find(call, &self.assertion).await?.ok_or(refusal())?;
        self.check_scopes(call, &issuer)?;
        let spent = AssertionUse {
            assertion: asserted.digest(),
            issuer: issuer.slug.clone(),
            until: asserted.expires_at,
            grant: None,
        };
        if issuer.mapping == SubjectMapping::Client {
            let granted = Granted::by_client(call.client.uid, self.scopes, self.resources);
            return Ok((granted, Settlement::Assertion(Box::new(spent))));
        }
        let user = subject(call, &issuer, &asserted.subject).await?.ok_or(refusal())?;
        let grant = self.grant(call, &user, asserted.at);
        let narrowed =
            resources::narrow(call.view, call.client, &grant.resources, grant.scopes.clone(), ResourceSet::default())?;
        let granted = Granted::by_user(&grant, narrowed, None);
        Ok((granted, Settlement::Assertion(Box::new(AssertionUse { grant: Some(grant), ..spent }))))
    }

    /// Within what the client may ask for and what the issuer is good for; nothing that needs somebody at a browser, and
    /// nothing that opens the admin API.
    fn check_scopes(&self, call: &Call<'_>, issuer: &TrustedIssuer) -> Result<(), OAuthError> {
        if self.scopes.contains("openid") || self.scopes.contains("offline_access") {
            return Err(OAuthError::invalid_scope("openid and offline_access need a user who signs in here"));
        }
        if self.scopes.contains(scope::ADMIN_API) || !self.scopes.is_within(&issuer.scopes) {
            return Err(OAuthError::invalid_scope("the issuer of the assertion is not trusted with that much"));
        }
        scopes::check(call.view, call.client, &self.scopes)?;
        resources::check(call.view, call.client, &self.resources, &self.scopes)
    }

    /// The grant of a user who did not sign in here: it belongs to no session of theirs, and ends with its one token.
    fn grant(&self, call: &Call<'_>, user: &User, at: Timestamp) -> Grant {
        Grant {
            id: GrantId::generate(&*call.cx.random, call.now),
            client: call.client.uid,
            user: user.id,
            session: SessionId::generate(&*call.cx.random, call.now),
            scopes: self.scopes.clone(),
            resources: self.resources.clone(),
            authenticated_at: at,
            amr: Vec::new(),
            acr: None,
            claims: ClaimsRequest::default(),
            created_at: call.now,
            expires_at: call.now + MARGIN + call.view.longest_access_token_ttl(call.client),
            revoked: None,
        }
    }
}

/// The user that the subject stands for, if they may sign in.
async fn subject(call: &Call<'_>, issuer: &TrustedIssuer, subject: &str) -> Result<Option<User>, Fault> {
    let rows = call.cx.store.read(call.view.tenant.id);
    let user = match issuer.mapping {
        SubjectMapping::UserId => match subject.parse() {
            Ok(id) => rows.users().find(id).await?,
            Err(_) => None,
        },
        SubjectMapping::Username => match subject.parse() {
            Ok(name) => rows.users().find_by_login(&Login::Username(name)).await?,
            Err(_) => None,
        },
        SubjectMapping::Client => None,
    };
    Ok(user.filter(User::is_enabled))
}

impl AssertionUse {
    /// Uses the assertion up. Of many at once one succeeds.
    pub(super) async fn settle(self, call: &Call<'_>) -> Result<(), OAuthError> {
        let actor = Actor::Client(call.client.id.clone());
        let event = |action| AuditEvent::new(Some(call.view.tenant.id), call.now, actor, action);
        let tx = call.cx.store.begin(call.view.tenant.id).await?;
        if !tx.trusted_issuers().spend(&self.issuer, &self.assertion, self.until).await? {
            return Err(refusal());
        }
        let event = match &self.grant {
            Some(grant) => {
                tx.grants().insert(grant).await?;
                event(Action::TokensIssued).about(Noun::Grant, &grant.id)
            }
            None => event(Action::ClientTokenIssued),
        };
        tx.audit(event).await?;
        tx.commit().await?;
        Ok(())
    }
}

//! A code for tokens (RFC 6749 section 4.1.3, OAuth 2.1 section 4.1.3, RFC 7636 section 4.6).

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    code::{Code, Verifier},
    fault::Fault,
    grant::Grant,
    id::{SessionId, UserId},
    profile::Profile,
    resource::ResourceSet,
    secret::{Digest, OpaqueToken, TokenKind},
    vocabulary::GrantType,
};

use super::{Settlement, refresh_token::FirstToken};
use crate::{
    error::OAuthError,
    parameters::Parameters,
    resources, scopes,
    token::{
        Call,
        granted::Granted,
        replay::{Replay, punish},
    },
};

/// How much longer a grant without refresh tokens lasts than its one access token.
pub(super) const MARGIN: Duration = Duration::from_secs(60);

/// What the client presents.
pub(in crate::token) struct CodeGrant {
    code: Option<OpaqueToken>,
    redirect_uri: Option<String>,
    verifier: Option<Verifier>,
    resources: ResourceSet,
}

/// The redemption that remains to be written: the code is spent, the grant begins, and its refresh tokens with it.
pub(in crate::token) struct Redemption {
    code: Digest,
    grant: Grant,
    /// Whether the grant began with the code and goes on here.
    begun: bool,
    refresh: Option<FirstToken>,
}

impl CodeGrant {
    pub(in crate::token) fn parse(parameters: &Parameters) -> Result<Self, OAuthError> {
        let malformed = |_| OAuthError::invalid_request("code_verifier must be 43 to 128 unreserved characters");
        Ok(Self {
            code: OpaqueToken::parse(TokenKind::Code, parameters.one("code")?),
            redirect_uri: parameters.optional("redirect_uri")?.map(str::to_owned),
            verifier: parameters.optional("code_verifier")?.map(str::parse).transpose().map_err(malformed)?,
            resources: resources::parse(parameters)?,
        })
    }

    /// Finds the code and checks everything that it is bound to. A code used before is punished only when all else is
    /// in order, and even when it has expired since.
    pub(in crate::token) async fn authorize(self, call: &Call<'_>) -> Result<(Granted, Settlement), OAuthError> {
        let code = self.find(call).await?;
        self.check_redirect_uri(call, &code)?;
        self.check_verifier(&code)?;
        call.check_code_binding(code.confirmation.as_ref())?;
        if code.redeemed_at.is_some() {
            let tx = call.cx.store.begin(call.view.tenant.id).await?;
            return Err(punish(call, tx, code.grant, Replay::Code).await);
        }
        if call.now >= code.expires_at || !giver_is_there(call, code.user, code.session).await? {
            return Err(Replay::Code.refusal());
        }
        let redemption = Redemption::of(call, &code);
        let grant = &redemption.grant;
        let narrowed =
            resources::narrow(call.view, call.client, &grant.resources, grant.scopes.clone(), self.resources)?;
        let granted = Granted::by_user(grant, narrowed, code.nonce);
        Ok((granted, Settlement::Code(Box::new(redemption))))
    }

    /// The code, if it was given to this client; another client's stays as it is.
    async fn find(&self, call: &Call<'_>) -> Result<Code, OAuthError> {
        let Some(code) = &self.code else { return Err(Replay::Code.refusal()) };
        let rows = call.cx.store.read(call.view.tenant.id);
        let code = rows.codes().find(&code.digest()).await?;
        code.filter(|code| code.client == call.client.uid).ok_or(Replay::Code.refusal())
    }

    /// What is sent must be what was asked. OAuth 2.1 no longer sends it (section 10.2); OAuth 2.0 must where the
    /// authorization request did.
    fn check_redirect_uri(&self, call: &Call<'_>, code: &Code) -> Result<(), OAuthError> {
        let may_be_left_out = match call.view.tenant.profile {
            Profile::Oauth21 => true,
            Profile::Oidc => !code.redirect_uri_asked,
        };
        let fits = self.redirect_uri.as_ref().map_or(may_be_left_out, |sent| *sent == code.redirect_uri);
        if fits {
            Ok(())
        } else {
            Err(OAuthError::invalid_grant("redirect_uri is not that of the authorization request"))
        }
    }

    /// The verifier must meet the challenge; one without a challenge is a downgrade (RFC 9700 section 4.8).
    fn check_verifier(&self, code: &Code) -> Result<(), OAuthError> {
        match (&code.challenge, &self.verifier) {
            (None, None) => Ok(()),
            (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => Ok(()),
            (Some(_), _) => Err(OAuthError::invalid_grant("code_verifier does not meet the code_challenge")),
            (None, Some(_)) => Err(OAuthError::invalid_request("the authorization request had no code_challenge")),
        }
    }
}

/// Whether the user may still sign in, and has not signed out since.
pub(super) async fn giver_is_there(call: &Call<'_>, user: UserId, session: SessionId) -> Result<bool, Fault> {
    let rows = call.cx.store.read(call.view.tenant.id);
    let user = rows.users().find(user).await?;
    let session = rows.sessions().find_by_id(session).await?;
    Ok(user.is_some_and(|user| user.is_enabled()) && session.is_some_and(|session| session.ended_at.is_none()))
}

impl Redemption {
    fn of(call: &Call<'_>, code: &Code) -> Self {
        let scopes = scopes::remaining(call.client, &code.scopes);
        let refreshes = scopes.contains("offline_access") && call.client.grant_types.contains(&GrantType::RefreshToken);
        let lasts = if refreshes { call.view.refresh_absolute_ttl(call.client) } else { MARGIN };
        let grant = Grant {
            id: code.grant,
            client: code.client,
            user: code.user,
            session: code.session,
            scopes,
            resources: code.resources.clone(),
            authenticated_at: code.authenticated_at,
            amr: code.amr.clone(),
            acr: code.acr,
            claims: code.claims.clone(),
            created_at: call.now,
            expires_at: call.now + lasts + call.view.longest_access_token_ttl(call.client),
            revoked: None,
        };
        Self {
            code: code.digest,
            begun: code.grant_begun,
            refresh: refreshes.then(|| FirstToken::of(call, &grant)),
            grant,
        }
    }

    /// Spends the code. Whoever comes second has used it twice, also when the session has ended by then. One that was
    /// forgotten meanwhile, by a sign-out or a withdrawal, was used by nobody.
    pub(super) async fn settle(self, call: &Call<'_>) -> Result<Option<OpaqueToken>, OAuthError> {
        let actor = Actor::Client(call.client.id.clone());
        let issued = AuditEvent::new(Some(call.view.tenant.id), call.now, actor, Action::TokensIssued)
            .about(Noun::Grant, &self.grant.id);
        let tx = call.cx.store.begin(call.view.tenant.id).await?;
        let is_there = tx.sessions().hold(self.grant.session).await?;
        if !tx.codes().redeem(&self.code, call.now).await? {
            let was_used = tx.codes().find(&self.code).await?.is_some_and(|code| code.redeemed_at.is_some());
            return Err(if was_used {
                punish(call, tx, self.grant.id, Replay::Code).await
            } else {
                Replay::Code.refusal()
            });
        }
        if !is_there {
            return Err(Replay::Code.refusal());
        }
        if !self.begun {
            tx.grants().insert(&self.grant).await?;
        } else if !tx.grants().prolong(self.grant.id, self.grant.expires_at).await? {
            return Err(Replay::Code.refusal());
        }
        if let Some(first) = &self.refresh {
            tx.refresh().begin_family(&first.family, &first.row).await?;
        }
        tx.audit(issued).await?;
        tx.commit().await?;
        Ok(self.refresh.map(|first| first.token))
    }
}

//! The revocation endpoint (RFC 7009).
//!
//! A token of a user's grant takes the whole grant with it, so that every token of that authorization is dead at once
//! (section 2.1). A token that a client got for itself, or in exchange for another's, is denied alone. A token that we do
//! not know needs no revocation; one of another client is refused and stays as it is.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    client::Client,
    grant::RevocationReason,
    id::GrantId,
    secret::{OpaqueToken, TokenKind},
    time::Timestamp,
    token_id::TokenOrigin,
    view::TenantView,
};

use crate::{
    Context,
    access_token::AccessToken,
    client_auth::{self, Credentials},
    error::OAuthError,
    parameters::Parameters,
};

/// Takes a token back, durably. The hint about its type is not needed and not trusted.
pub async fn revoke(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
    parameters: &Parameters,
) -> Result<(), OAuthError> {
    let caller = client_auth::authenticate(cx, view, credentials).await?;
    let token = parameters.one("token")?;
    let call = Call { cx, view, caller: &caller, now: cx.clock.now() };
    match OpaqueToken::parse(TokenKind::Refresh, token) {
        Some(token) => call.revoke_refresh_token(&token).await,
        None => match AccessToken::read(view, token, call.now) {
            Some(token) => call.revoke_access_token(&token).await,
            None => Ok(()),
        },
    }
}

/// One call of an authenticated client.
struct Call<'a> {
    cx: &'a Context,
    view: &'a TenantView,
    caller: &'a Client,
    now: Timestamp,
}

impl Call<'_> {
    async fn revoke_refresh_token(&self, token: &OpaqueToken) -> Result<(), OAuthError> {
        let rows = self.cx.store.read(self.view.tenant.id);
        match rows.refresh().standing(&token.digest()).await? {
            None => Ok(()),
            Some(standing) if standing.family.client == self.caller.uid => {
                self.revoke_grant(standing.family.grant).await
            }
            Some(_) => Err(foreign()),
        }
    }

    async fn revoke_access_token(&self, token: &AccessToken) -> Result<(), OAuthError> {
        match token.id.origin {
            TokenOrigin::Client(uid) if uid == self.caller.uid => self.deny(token).await,
            TokenOrigin::Client(_) => self.deny_exchanged(token).await,
            TokenOrigin::Grant(id) => {
                let rows = self.cx.store.read(self.view.tenant.id);
                match rows.grants().standing(id).await? {
                    None => Ok(()),
                    Some(standing) if standing.grant.client == self.caller.uid => self.revoke_grant(id).await,
                    Some(_) => self.deny_exchanged(token).await,
                }
            }
        }
    }

    /// A token that hangs on what is another client's, where this one got it by exchange. Whoever shares the secret of the
    /// HMAC form can write there that it was issued to them, and nothing in that form is ever exchanged.
    async fn deny_exchanged(&self, token: &AccessToken) -> Result<(), OAuthError> {
        if token.is_of(self.caller.id.as_str()) && !token.has_hmac_form() {
            self.deny(token).await
        } else {
            Err(foreign())
        }
    }

    /// Everything of that authorization is over. Whoever asks again hears the same.
    async fn revoke_grant(&self, id: GrantId) -> Result<(), OAuthError> {
        let revoked = self.event(Action::GrantRevoked).about(Noun::Grant, &id);
        let tx = self.cx.store.begin(self.view.tenant.id).await?;
        if tx.grants().revoke(id, RevocationReason::ByClient, self.now).await? {
            tx.audit(revoked.because(RevocationReason::ByClient.label())).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// This one token is over; the denial is remembered until the token would have expired.
    async fn deny(&self, token: &AccessToken) -> Result<(), OAuthError> {
        let denied = self.event(Action::TokenRevoked);
        let denied = match &token.id.origin {
            TokenOrigin::Grant(grant) => denied.about(Noun::Grant, grant),
            TokenOrigin::Client(_) => denied.about(Noun::Client, &self.caller.id),
        };
        let tx = self.cx.store.begin(self.view.tenant.id).await?;
        tx.grants().deny(&token.id, token.expires_at).await?;
        tx.audit(denied).await?;
        tx.commit().await?;
        Ok(())
    }

    fn event(&self, action: Action) -> AuditEvent {
        AuditEvent::new(Some(self.view.tenant.id), self.now, Actor::Client(self.caller.id.clone()), action)
    }
}

const fn foreign() -> OAuthError {
    OAuthError::invalid_grant("the token is not this client's")
}

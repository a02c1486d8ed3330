//! What somebody allowed a device (RFC 8628 sections 3.4 and 3.5), once.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    claims_request::ClaimsRequest,
    device::{Approval, DeviceAuthorization, DeviceState},
    grant::Grant,
    resource::ResourceSet,
    secret::{Digest, OpaqueToken, TokenKind},
    vocabulary::GrantType,
};

use super::{
    Settlement,
    authorization_code::{MARGIN, giver_is_there},
    refresh_token::FirstToken,
};
use crate::{
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
    resources, scopes, session_clients,
    token::{Call, granted::Granted},
};

/// What the device presents.
pub(in crate::token) struct DeviceGrant {
    code: Option<OpaqueToken>,
    resources: ResourceSet,
}

/// The redemption that remains to be written: the wish is spent, the grant begins, and its refresh tokens with it.
pub(in crate::token) struct DeviceRedemption {
    code: Digest,
    grant: Grant,
    refresh: Option<FirstToken>,
}

/// The same for a code that never was, is another client's or was used.
const fn refusal() -> OAuthError {
    OAuthError::invalid_grant("the device code is unknown, used or not this client's")
}

const fn gone() -> OAuthError {
    OAuthError::invalid_grant("whoever allowed it has signed out since, or is disabled")
}

impl DeviceGrant {
    pub(in crate::token) fn parse(parameters: &Parameters) -> Result<Self, OAuthError> {
        let code = OpaqueToken::parse(TokenKind::Device, parameters.one("device_code")?);
        Ok(Self { code, resources: resources::parse(parameters)? })
    }

    /// Finds out what became of the device's wish.
    pub(in crate::token) async fn authorize(self, call: &Call<'_>) -> Result<(Granted, Settlement), OAuthError> {
        let wish = self.find(call).await?;
        if wish.state == DeviceState::Redeemed {
            return Err(refusal());
        }
        if !wish.is_live(call.now) {
            return Err(OAuthError::new(ErrorCode::ExpiredToken, "the device code is too old; ask for another"));
        }
        match &wish.state {
            DeviceState::Pending => Err(wait(call, &wish).await?),
            DeviceState::Denied => Err(OAuthError::new(ErrorCode::AccessDenied, "the user refused")),
            DeviceState::Redeemed => Err(refusal()),
            DeviceState::Approved(approval) => self.redeem(call, &wish, approval).await,
        }
    }

    /// The wish, if it is this client's; another client's stays as it is.
    async fn find(&self, call: &Call<'_>) -> Result<DeviceAuthorization, OAuthError> {
        let Some(code) = &self.code else { return Err(refusal()) };
        let wish = call.cx.store.read(call.view.tenant.id).devices().find(&code.digest()).await?;
        wish.filter(|wish| wish.client == call.client.uid).ok_or(refusal())
    }

    async fn redeem(
        self,
        call: &Call<'_>,
        wish: &DeviceAuthorization,
        approval: &Approval,
    ) -> Result<(Granted, Settlement), OAuthError> {
        if !giver_is_there(call, approval.user, approval.session).await? {
            return Err(gone());
        }
        let redemption = DeviceRedemption::of(call, wish, approval);
        let grant = &redemption.grant;
        let narrowed =
            resources::narrow(call.view, call.client, &grant.resources, grant.scopes.clone(), self.resources)?;
        let granted = Granted::by_user(grant, narrowed, None);
        Ok((granted, Settlement::Device(Box::new(redemption))))
    }
}

/// The answer to a device whose wish nobody has decided about: later, or later and less often.
async fn wait(call: &Call<'_>, wish: &DeviceAuthorization) -> Result<OAuthError, OAuthError> {
    let tx = call.cx.store.begin(call.view.tenant.id).await?;
    let in_time = tx.devices().ask(&wish.digest, call.now).await?;
    tx.commit().await?;
    Ok(if in_time {
        OAuthError::new(ErrorCode::AuthorizationPending, "nobody has decided yet")
    } else {
        OAuthError::new(ErrorCode::SlowDown, "asked too early; wait 5 seconds longer between two questions from now on")
    })
}

impl DeviceRedemption {
    fn of(call: &Call<'_>, wish: &DeviceAuthorization, approval: &Approval) -> Self {
        let scopes = scopes::remaining(call.client, &wish.scopes);
        let refreshes = scopes.contains("offline_access") && call.client.grant_types.contains(&GrantType::RefreshToken);
        let lasts = if refreshes { call.view.refresh_absolute_ttl(call.client) } else { MARGIN };
        let grant = Grant {
            id: approval.grant,
            client: wish.client,
            user: approval.user,
            session: approval.session,
            scopes,
            resources: wish.resources.clone(),
            authenticated_at: approval.authenticated_at,
            amr: approval.amr.clone(),
            acr: None,
            claims: ClaimsRequest::default(),
            created_at: call.now,
            expires_at: call.now + lasts + call.view.longest_access_token_ttl(call.client),
            revoked: None,
        };
        Self { code: wish.digest, refresh: refreshes.then(|| FirstToken::of(call, &grant)), grant }
    }

    /// Spends the wish. Of many at once one succeeds.
    pub(super) async fn settle(self, call: &Call<'_>) -> Result<Option<OpaqueToken>, OAuthError> {
        let actor = Actor::Client(call.client.id.clone());
        let issued = AuditEvent::new(Some(call.view.tenant.id), call.now, actor, Action::TokensIssued)
            .about(Noun::Grant, &self.grant.id);
        let tx = call.cx.store.begin(call.view.tenant.id).await?;
        if !tx.sessions().hold(self.grant.session).await? {
            return Err(gone());
        }
        if !tx.devices().redeem(&self.code, call.now).await? {
            return Err(refusal());
        }
        tx.grants().insert(&self.grant).await?;
        // Its ID tokens name the session.
        if self.grant.scopes.contains("openid") {
            session_clients::join(&*tx, call.client, self.grant.session).await?;
        }
        if let Some(first) = &self.refresh {
            tx.refresh().begin_family(&first.family, &first.row).await?;
        }
        tx.audit(issued).await?;
        tx.commit().await?;
        Ok(self.refresh.map(|first| first.token))
    }
}

//! An access token that comes back to us.

use std::sync::Arc;

use chancery_domain::{
    client::Client,
    fault::Fault,
    grant::Grant,
    key_policy::Margins,
    tenant::TenantSettings,
    time::Timestamp,
    token_id::{TokenId, TokenOrigin},
    view::TenantView,
    vocabulary::TokenType,
};
use serde_json::{Map, Value};

use crate::{Context, subject};

/// An access token of this tenant that has not expired. Whether it was taken back is another question.
pub(crate) struct AccessToken {
    /// Its `jti`, which says what it hangs on.
    pub(crate) id: TokenId,
    /// When it is over.
    pub(crate) expires_at: Timestamp,
    /// All that it says.
    pub(crate) claims: Map<String, Value>,
}

/// What a good access token hangs on.
pub(crate) struct Standing {
    /// Whom it was issued to.
    pub(crate) client: Arc<Client>,
    /// The user's grant; none where the client acts for itself.
    pub(crate) grant: Option<Grant>,
}

impl AccessToken {
    /// Believes what the tenant's published keys signed as an access token, for this issuer, until it expires.
    pub(crate) fn read(view: &TenantView, token: &str, now: Timestamp) -> Option<Self> {
        let claims = view.verifier.verify(token, TokenType::AccessToken).ok()?;
        let id = claims.get("jti")?.as_str()?.parse().ok()?;
        let expires_at = Timestamp::from_seconds(claims.get("exp")?.as_i64()?);
        let ours = claims.get("iss")?.as_str()? == view.issuer.as_str();
        // Whoever shares the secret of an HMAC token can write one that never ends; we never wrote one so long.
        let latest = now + TenantSettings::LONGEST_TOKEN_LIFE + Margins::STANDARD.skew;
        (ours && now < expires_at && expires_at <= latest).then_some(Self { id, expires_at, claims })
    }

    /// Whether neither it nor anything that it hangs on was taken back: one read.
    pub(crate) async fn is_good(&self, cx: &Context, view: &TenantView, now: Timestamp) -> Result<bool, Fault> {
        self.standing(cx, view, now).await.map(|standing| standing.is_some())
    }

    /// What it hangs on, where nothing of that was taken back, nor the token itself: one read.
    pub(crate) async fn standing(
        &self,
        cx: &Context,
        view: &TenantView,
        now: Timestamp,
    ) -> Result<Option<Standing>, Fault> {
        let rows = cx.store.read(view.tenant.id);
        let (uid, grant) = match self.id.origin {
            TokenOrigin::Client(_) if rows.grants().is_denied(&self.id).await? => return Ok(None),
            TokenOrigin::Client(uid) => (uid, None),
            TokenOrigin::Grant(id) => match rows.grants().standing_for(id, &self.id).await? {
                Some(standing) if standing.is_good(now) => (standing.grant.client, Some(standing.grant)),
                Some(_) | None => return Ok(None),
            },
        };
        let client = cx.directory.client_by_uid(view.tenant.id, uid).await?;
        let client = client.filter(|client| client.is_enabled() && self.is_of(client.id.as_str()));
        let Some(client) = client else { return Ok(None) };
        let within = match &grant {
            Some(grant) => self.is_within(view, &client, grant)?,
            None => true,
        };
        Ok(within.then_some(Standing { client, grant }))
    }

    /// Whether it says no more than its grant gave. A token of ours never does; but whoever shares the secret of an HMAC
    /// token can write one, which is worth no more than the grant that it names.
    fn is_within(&self, view: &TenantView, client: &Client, grant: &Grant) -> Result<bool, Fault> {
        let sub = subject::of(view, client, grant.user)?;
        Ok(self.text("sub") == Some(sub.as_str()) && self.scopes().all(|scope| grant.scopes.contains(scope)))
    }

    /// Whether our own endpoints are meant: by their issuer, or in the HMAC form, which names the client in its place and
    /// alone has `scp`.
    pub(crate) fn is_meant_for_us(&self, view: &TenantView) -> bool {
        let has_hmac_form = self.claims.contains_key("scp");
        self.is_meant_for(view.issuer.as_str())
            || has_hmac_form && self.text("client_id").is_some_and(|client| self.is_meant_for(client))
    }

    /// Whether it was issued to that client.
    pub(crate) fn is_of(&self, client_id: &str) -> bool {
        self.text("client_id") == Some(client_id)
    }

    /// Whether its audience names that party.
    pub(crate) fn is_meant_for(&self, party: &str) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(only)) => only == party,
            Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(party)),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => false,
        }
    }

    /// Its scopes, one by one.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.text("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty())
    }

    /// A claim that is a text.
    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }
}

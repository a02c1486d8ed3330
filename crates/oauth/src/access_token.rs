//! An access token that comes back to us.

mod shared;

use std::sync::Arc;

use chancery_domain::{
    client::Client,
    confirmation::Confirmation,
    fault::Fault,
    grant::Grant,
    key_policy::Margins,
    scope::ScopeSet,
    tenant::TenantSettings,
    time::Timestamp,
    token_id::{TokenId, TokenOrigin},
    view::TenantView,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Context, resources, subject};

/// An access token of this tenant that has not expired. Whether it was taken back is another question.
pub(crate) struct AccessToken {
    /// Its `jti`, which says what it hangs on.
    pub(crate) id: TokenId,
    /// When it is over.
    pub(crate) expires_at: Timestamp,
    /// The key that it is bound to.
    pub(crate) confirmation: Option<Confirmation>,
    /// All that it says; of one that others can write, what is looked at and nothing else.
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
        let claims = view.access_token(token).ok()?;
        let claims = if has_hmac_form(&claims) { shared::believed(claims, now)? } else { claims };
        let id = claims.get("jti")?.as_str()?.parse().ok()?;
        let expires_at = Timestamp::from_seconds(claims.get("exp")?.as_i64()?);
        // What is bound to something that we do not know is of use to nobody.
        let confirmation = claims.get("cnf").map(Confirmation::deserialize).transpose().ok()?;
        let ours = claims.get("iss")?.as_str()? == view.issuer.as_str();
        // Whoever shares the secret of an HMAC token can write one that never ends; we never wrote one so long.
        let latest = now + TenantSettings::LONGEST_TOKEN_LIFE + Margins::STANDARD.skew;
        (ours && now < expires_at && expires_at <= latest).then_some(Self { id, expires_at, confirmation, claims })
    }

    /// Whether neither it nor anything that it hangs on was taken back, as the rows say at this moment: what the directory
    /// remembers may be a few seconds old.
    pub(crate) async fn is_good(&self, cx: &Context, view: &TenantView, now: Timestamp) -> Result<bool, Fault> {
        self.standing(cx, view, now).await.map(|standing| standing.is_some())
    }

    /// What it hangs on, where nothing of that was taken back, nor the token itself: one read, and one more of what was
    /// exchanged.
    pub(crate) async fn standing(
        &self,
        cx: &Context,
        view: &TenantView,
        now: Timestamp,
    ) -> Result<Option<Standing>, Fault> {
        let rows = cx.store.read(view.tenant.id);
        let (uid, grant) = match self.id.origin {
            TokenOrigin::Client(uid) if rows.grants().holds_for(uid, &self.id).await? => (uid, None),
            TokenOrigin::Client(_) => return Ok(None),
            TokenOrigin::Grant(id) => match rows.grants().standing_for(id, &self.id).await? {
                Some(standing) if standing.is_good(now) => (standing.grant.client, Some(standing.grant)),
                Some(_) | None => return Ok(None),
            },
        };
        let Some(origin) = cx.directory.client_by_uid(view.tenant.id, uid).await? else { return Ok(None) };
        let holder =
            if self.is_of(origin.id.as_str()) { Some(Arc::clone(&origin)) } else { self.exchanger(cx, view).await? };
        let Some(client) = holder else { return Ok(None) };
        let is_hmac = self.has_hmac_form();
        let is_sound = match &grant {
            Some(grant) => {
                let sub = subject::of(view, &client, grant.user)?;
                self.is_about(&sub) && self.allows_at_most(&grant.scopes)
            }
            None => self.is_about(origin.id.as_str()) && (!is_hmac || self.allows_at_most(&origin.scopes)),
        };
        let is_sound = is_sound && (!is_hmac || self.could_be_of(view, &client));
        Ok(is_sound.then_some(Standing { client, grant }))
    }

    /// The client that it was issued to, where that is another than the one that it hangs on, and enabled too: only an
    /// exchange does that, and never in the HMAC form, which others can write.
    async fn exchanger(&self, cx: &Context, view: &TenantView) -> Result<Option<Arc<Client>>, Fault> {
        let id = self.text("client_id").filter(|_| !self.has_hmac_form()).and_then(|id| id.parse().ok());
        let Some(id) = id else { return Ok(None) };
        let Some(client) = cx.directory.client(view.tenant.id, &id).await? else { return Ok(None) };
        let holds = cx.store.read(view.tenant.id).grants().holds_for(client.uid, &self.id).await?;
        Ok(holds.then_some(client))
    }

    /// Whether that is whom it is about. A token of ours is about the user of its grant, or the client that it hangs on; but
    /// whoever shares the secret of an HMAC token can write one, which is worth no more than what it hangs on.
    fn is_about(&self, sub: &str) -> bool {
        self.text("sub") == Some(sub)
    }

    /// Whether it allows no more than that; likewise.
    fn allows_at_most(&self, scopes: &ScopeSet) -> bool {
        self.scopes().all(|scope| scopes.contains(scope))
    }

    /// Whether that client could have got it, for all whom its audience names and bound to as much; likewise.
    fn could_be_of(&self, view: &TenantView, client: &Client) -> bool {
        let may_name = |party: &str| party == client.id.as_str() || resources::may_name(view, client, party);
        let is_bound = self.confirmation.is_some();
        let metadata = &client.metadata;
        let is_always_bound = metadata.tokens.dpop_bound || metadata.certificates.bound_tokens;
        (is_bound || !is_always_bound) && self.audience().all(may_name)
    }

    /// Whether our own endpoints are meant: by their issuer, or in the HMAC form, which names the client in its place and
    /// alone has `scp`.
    pub(crate) fn is_meant_for_us(&self, view: &TenantView) -> bool {
        self.is_meant_for(view.issuer.as_str())
            || self.has_hmac_form() && self.text("client_id").is_some_and(|client| self.is_meant_for(client))
    }

    /// Whether it was issued to that client.
    pub(crate) fn is_of(&self, client_id: &str) -> bool {
        self.text("client_id") == Some(client_id)
    }

    /// Whether it is signed with a secret that its consumers have too.
    pub(crate) fn has_hmac_form(&self) -> bool {
        has_hmac_form(&self.claims)
    }

    /// Whether it is for that client: its audience names the client, or a resource that the client speaks for.
    pub(crate) fn is_meant_for_client(&self, client: &Client) -> bool {
        let speaks_for = &client.metadata.exchange.resources;
        self.is_meant_for(client.id.as_str()) || speaks_for.iter().any(|uri| self.is_meant_for(uri.as_str()))
    }

    /// Whether its audience names that party.
    pub(crate) fn is_meant_for(&self, party: &str) -> bool {
        self.audience().any(|named| named == party)
    }

    /// Whom it is for, one by one.
    pub(crate) fn audience(&self) -> impl Iterator<Item = &str> {
        let (only, several) = match self.claims.get("aud") {
            Some(Value::String(only)) => (Some(only.as_str()), [].as_slice()),
            Some(Value::Array(several)) => (None, several.as_slice()),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => (None, [].as_slice()),
        };
        only.into_iter().chain(several.iter().filter_map(Value::as_str))
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

/// Whether a token that says that is signed with a secret which its consumers have too, whatever form the tenant's tokens have
/// now: that form alone has `scp`.
fn has_hmac_form(claims: &Map<String, Value>) -> bool {
    claims.contains_key("scp")
}

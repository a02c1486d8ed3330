//! An ID token that comes back as a hint of who is meant (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout
//! section 2). It proves nothing about who sits in front of the browser, and it may have expired.

use chancery_domain::{
    fault::Fault,
    id::{ClientId, SessionId, UserId},
    view::{SignedBy, TenantView},
};
use serde_json::{Map, Value};

use crate::{Context, subject};

/// What an ID token of ours says.
pub(crate) struct IdTokenHint {
    /// About whom it was.
    pub(crate) user: UserId,
    /// In which session it was issued.
    pub(crate) session: Option<SessionId>,
    /// For which clients.
    audience: Value,
    /// Whether the secret of its client signed it, and no key of the tenant.
    by_secret: bool,
}

impl IdTokenHint {
    /// Believes the tenant's own ID tokens, those of retired keys and those expired included, and nothing else.
    pub(crate) async fn read(cx: &Context, view: &TenantView, token: &str) -> Result<Option<Self>, Fault> {
        let claimed = view.macs.claimed_client(token);
        let claims = match &claimed {
            Some(client) => proven_by_secret(cx, view, client, token).await?,
            None => view.verifier.verify_hint(token).ok(),
        };
        match claims {
            Some(claims) => Self::of(cx, view, claims, claimed.is_some()).await,
            None => Ok(None),
        }
    }

    async fn of(
        cx: &Context,
        view: &TenantView,
        mut claims: Map<String, Value>,
        by_secret: bool,
    ) -> Result<Option<Self>, Fault> {
        let text = |claim: &str| claims.get(claim).and_then(Value::as_str);
        let Some(sub) = text("sub").filter(|_| text("iss") == Some(view.issuer.as_str())) else { return Ok(None) };
        let Some(user) = meant(cx, view, text("aud"), sub).await? else { return Ok(None) };
        let session = text("sid").and_then(|sid| sid.parse().ok());
        Ok(claims.remove("aud").map(|audience| Self { user, session, audience, by_secret }))
    }

    /// Whether it was issued for that client.
    pub(crate) fn is_for(&self, client_id: &str) -> bool {
        match &self.audience {
            Value::String(only) => only == client_id,
            Value::Array(several) => several.iter().any(|one| one.as_str() == Some(client_id)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
        }
    }

    /// Whether that client may send it: what a client's secret proves, it proves to that client alone.
    pub(crate) fn may_come_from(&self, client_id: &str) -> bool {
        !self.by_secret || self.is_for(client_id)
    }

    /// The only client that it was issued for; ours name one.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.audience.as_str()
    }
}

/// The user of that name. A client that is gone, or none, has no names of its own.
async fn meant(cx: &Context, view: &TenantView, client: Option<&str>, sub: &str) -> Result<Option<UserId>, Fault> {
    if let Ok(user) = sub.parse() {
        return Ok(Some(user));
    }
    let Some(id) = client.and_then(|id| id.parse().ok()) else { return Ok(None) };
    match cx.directory.client(view.tenant.id, &id).await? {
        Some(client) => subject::user(view, &client, sub),
        None => Ok(None),
    }
}

/// The claims of an ID token that says it is signed with that client's secret: believed where the client registered that,
/// and nowhere else (RFC 8725 section 3.1).
async fn proven_by_secret(
    cx: &Context,
    view: &TenantView,
    client: &ClientId,
    token: &str,
) -> Result<Option<Map<String, Value>>, Fault> {
    let Some(client) = cx.directory.client(view.tenant.id, client).await? else { return Ok(None) };
    match view.id_token_signing(&client) {
        SignedBy::ClientSecret => Ok(view.macs.verify_id_token(&client, token, cx.clock.now()).ok()),
        SignedBy::Key(_) => Ok(None),
    }
}

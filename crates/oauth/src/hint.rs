//! An ID token that comes back as a hint of who is meant (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout
//! section 2). It proves nothing about who sits in front of the browser, and it may have expired.

use chancery_domain::{
    id::{SessionId, UserId},
    view::TenantView,
};
use serde_json::{Map, Value};

/// What an ID token of ours says.
pub(crate) struct IdTokenHint {
    /// About whom it was.
    pub(crate) user: UserId,
    /// In which session it was issued.
    pub(crate) session: Option<SessionId>,
    /// For which clients.
    audience: Value,
}

impl IdTokenHint {
    /// Believes the tenant's own ID tokens, those of retired keys and those expired included, and nothing else.
    pub(crate) fn read(view: &TenantView, token: &str) -> Option<Self> {
        let mut claims: Map<String, Value> = view.verifier.verify_hint(token).ok()?;
        if claims.get("iss")?.as_str()? != view.issuer.as_str() {
            return None;
        }
        let user = claims.get("sub")?.as_str()?.parse().ok()?;
        let session = claims.get("sid").and_then(Value::as_str).and_then(|sid| sid.parse().ok());
        Some(Self { user, session, audience: claims.remove("aud")? })
    }

    /// Whether it was issued for that client.
    pub(crate) fn is_for(&self, client_id: &str) -> bool {
        match &self.audience {
            Value::String(only) => only == client_id,
            Value::Array(several) => several.iter().any(|one| one.as_str() == Some(client_id)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
        }
    }

    /// The only client that it was issued for; ours name one.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.audience.as_str()
    }
}

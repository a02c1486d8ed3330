//! The checks of a logout token (OpenID Connect Back-Channel Logout section 2.6), in its order.

use chancery_resource_server::{Rejection, Verified};
use serde_json::{Map, Value};

use crate::{error::LogoutError, id_token};

/// What makes a token one that says so.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a logout token is held against.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// What it says, once it is known to be one.
#[derive(Debug)]
pub(crate) struct LogoutToken {
    pub(crate) jti: String,
    pub(crate) issued_at: i64,
    pub(crate) subject: Option<String>,
    pub(crate) session: Option<String>,
}

/// The token that the provider signed, if it is a logout token for this client. That it was not here before is another
/// question.
pub(crate) fn check(token: &Verified, expected: &Expected<'_>) -> Result<LogoutToken, LogoutError> {
    let claims = &token.claims;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let seconds = |name: &'static str| claims.get(name).and_then(Value::as_i64).ok_or(LogoutError::Claim(name));
    let must = |holds: bool, name| if holds { Ok(()) } else { Err(LogoutError::Claim(name)) };
    // Without it an ID token or an access token with the right claims could pass (RFC 8725 section 3.11).
    must(token.typ.as_deref() == Some("logout+jwt"), "typ")?;
    must(text("iss") == Some(expected.issuer), "iss")?;
    must(id_token::is_for(claims.get("aud"), expected.client_id), "aud")?;
    must(expected.now < seconds("exp")?.saturating_add(id_token::LEEWAY), "exp")?;
    must(seconds("iat")? <= expected.now.saturating_add(id_token::LEEWAY), "iat")?;
    must(claims.get("events").and_then(Value::as_object).is_some_and(says_so), "events")?;
    must(!claims.contains_key("nonce"), "nonce")?;
    let jti = text("jti").filter(|jti| !jti.is_empty()).ok_or(LogoutError::Claim("jti"))?;
    let (subject, session) = (optional(claims, "sub")?, optional(claims, "sid")?);
    must(subject.is_some() || session.is_some(), "sub")?;
    Ok(LogoutToken { jti: jti.to_owned(), issued_at: seconds("iat")?, subject, session })
}

fn says_so(events: &Map<String, Value>) -> bool {
    events.get(EVENT).is_some_and(Value::is_object)
}

fn optional(claims: &Map<String, Value>, name: &'static str) -> Result<Option<String>, LogoutError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(LogoutError::Claim(name)),
    }
}

impl From<Rejection> for LogoutError {
    fn from(rejection: Rejection) -> Self {
        if matches!(rejection, Rejection::Unavailable) {
            return Self::Unavailable("the keys of the provider are not available");
        }
        Self::Token(rejection)
    }
}

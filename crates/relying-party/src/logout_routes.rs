//! What the provider calls, and what it has browsers load, when somebody signed out there.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use http::{HeaderValue, StatusCode, header};
use url::form_urlencoded;

use crate::{
    ended::About,
    error::LogoutError,
    logout_token::{self, Expected},
    relying_party::RelyingParty,
    store::Kind,
    token,
    user::User,
};

impl RelyingParty {
    /// Ends the sessions that a logout token is about (OpenID Connect Back-Channel Logout section 2.6). The route does it
    /// with what the provider posts; call it where logout tokens come by another way.
    ///
    /// A token serves once. Whether there was such a session makes no difference.
    pub async fn end_by_token(&self, logout_token: &str) -> Result<(), LogoutError> {
        let verified = self.0.provider.verify(logout_token).await?;
        let issuer = self.0.provider.issuer();
        let expected = Expected { issuer, client_id: &self.0.client_id, now: self.seconds() };
        let token = logout_token::check(&verified, &expected)?;
        if self.was_here(&token.jti).await? {
            return Err(LogoutError::Replayed);
        }
        let about = match (&token.session, &token.subject) {
            (Some(sid), _) => About::Session(sid),
            (None, Some(subject)) => About::Subject(subject, token.issued_at),
            (None, None) => return Err(LogoutError::Claim("sub")),
        };
        // The end first: should either fail, the same token comes again, and noting an end twice changes nothing.
        self.note_end(&about).await?;
        Ok(self.note_token(&token.jti).await?)
    }
}

/// The provider says that a session is over.
pub(crate) async fn backchannel(State(rp): State<RelyingParty>, body: Bytes) -> Response {
    let outcome = match only(&body, "logout_token") {
        Some(token) => rp.end_by_token(&token).await,
        None => Err(LogoutError::Malformed),
    };
    match outcome {
        Ok(()) => (StatusCode::OK, NO_STORE).into_response(),
        Err(error) => error.into_response(),
    }
}

/// A browser loads this in a frame: the session in it ends if it is the one that is meant (OpenID Connect Front-Channel
/// Logout section 3). A frame on a page of another site comes without our cookie in most browsers; then nothing ends, and
/// the back channel is there for that.
pub(crate) async fn frontchannel(
    State(rp): State<RelyingParty>,
    jar: CookieJar,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let asked = only(query.as_bytes(), "iss").zip(only(query.as_bytes(), "sid"));
    match end_in_browser(&rp, jar, asked).await {
        Ok(jar) => (NO_STORE, FRAME, jar, "").into_response(),
        Err(error) => error.into_response(),
    }
}

async fn end_in_browser(
    rp: &RelyingParty,
    jar: CookieJar,
    asked: Option<(String, String)>,
) -> Result<CookieJar, LogoutError> {
    let name = rp.session_cookie();
    let (Some((iss, sid)), Some(cookie)) = (asked, jar.get(&name)) else { return Ok(jar) };
    let key = token::sha256(cookie.value());
    let record = rp.0.store.get(Kind::Session, &key).await?;
    let user: Option<User> = record.and_then(|record| serde_json::from_slice(&record).ok());
    if !user.is_some_and(|user| user.issuer == iss && user.text("sid") == Some(&sid)) {
        return Ok(jar);
    }
    rp.0.store.take(Kind::Session, &key).await?;
    Ok(jar.add(rp.no_cookie(name)))
}

const NO_STORE: [(header::HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
const FRAME: [(header::HeaderName, HeaderValue); 2] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
];

/// The value of a parameter that stands exactly once.
fn only(encoded: &[u8], name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(encoded).filter(|(own, _)| own == name);
    let (_, value) = values.next()?;
    values.next().is_none().then(|| value.into_owned())
}

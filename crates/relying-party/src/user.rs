//! Who is signed in.

use std::fmt;

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts, OriginalUri},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{error::SignInError, relying_party::RelyingParty, return_to, store::Kind, token};

/// Somebody who signed in. Together `issuer` and `subject` name them for ever; nothing else does.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The provider that knows them.
    pub issuer: String,
    /// Who they are there: the `sub`.
    pub subject: String,
    /// What the provider tells of them, in the ID token and at UserInfo.
    pub claims: Map<String, Value>,
    pub(crate) access_token: String,
    /// When the access token ends, in seconds since 1970.
    pub(crate) access_token_expires_at: i64,
    pub(crate) id_token: String,
    /// When the session ends, in seconds since 1970.
    pub(crate) expires_at: i64,
}

impl User {
    /// The value of a claim that is a text, such as `name` or `email`.
    #[must_use]
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// The access token that came with the sign-in, for calls to resource servers. It ends by itself before long, see
    /// [`Self::access_token_expires_at`], and is not renewed.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// When the access token ends, in seconds since 1970.
    #[must_use]
    pub const fn access_token_expires_at(&self) -> i64 {
        self.access_token_expires_at
    }

    /// The user of that session cookie.
    async fn of(rp: &RelyingParty, parts: &Parts) -> Result<Option<Self>, SignInError> {
        let jar = CookieJar::from_headers(&parts.headers);
        let Some(cookie) = jar.get(&rp.session_cookie()) else { return Ok(None) };
        let record = rp.0.store.get(Kind::Session, &token::sha256(cookie.value())).await?;
        let user: Option<Self> = record.and_then(|record| serde_json::from_slice(&record).ok());
        let good = |user: &Self| rp.seconds() < user.expires_at && user.issuer == rp.0.provider.issuer();
        let Some(user) = user.filter(good) else { return Ok(None) };
        Ok(if rp.has_ended(&user).await? { None } else { Some(user) })
    }
}

/// Shows which user it is, and neither claims nor tokens.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("issuer", &self.issuer).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Nobody is signed in. A browser that came to see a page is sent to sign in and comes back; anybody else gets 401.
#[derive(Debug)]
pub struct SignInRequired(Option<String>);

impl IntoResponse for SignInRequired {
    fn into_response(self) -> Response {
        let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        match self.0 {
            Some(login) => (no_store, Redirect::to(&login)).into_response(),
            None => (StatusCode::UNAUTHORIZED, no_store, "Sign in first.\n").into_response(),
        }
    }
}

/// The user, or [`SignInRequired`].
impl<S: Send + Sync> FromRequestParts<S> for User
where
    RelyingParty: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let rp = RelyingParty::from_ref(state);
        match Self::of(&rp, parts).await {
            Ok(Some(user)) => Ok(user),
            Ok(None) => Err(SignInRequired(wants_page(parts).then(|| rp.login_path(&path(parts)))).into_response()),
            Err(error) => Err(error.into_response()),
        }
    }
}

/// `None` where nobody is signed in.
impl<S: Send + Sync> OptionalFromRequestParts<S> for User
where
    RelyingParty: FromRef<S>,
{
    type Rejection = SignInError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, SignInError> {
        Self::of(&RelyingParty::from_ref(state), parts).await
    }
}

fn wants_page(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    parts.method == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The path that was asked for, also within a nested router.
fn path(parts: &Parts) -> String {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
    return_to::local(uri.path_and_query().map(http::uri::PathAndQuery::as_str)).to_owned()
}

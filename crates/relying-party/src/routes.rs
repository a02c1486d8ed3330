//! The three routes.

use axum::{
    Router,
    extract::{DefaultBodyLimit, RawQuery, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use http::{HeaderValue, header};
use url::{Url, form_urlencoded};

use crate::{
    attempt::{Attempt, LIFE},
    callback,
    error::SignInError,
    logout_routes,
    relying_party::RelyingParty,
    return_to,
    store::Kind,
    token,
    user::User,
};

/// The longest body that the provider may post, in bytes: a logout token with a large signature is a tenth of it.
const LONGEST_BODY: usize = 64 * 1024;

impl RelyingParty {
    /// `/login`, `/callback` and `/logout`, and the two for the provider where it is heard, under the path of the redirect URI. They bring their own state: merge them
    /// into a router of any.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let path = |name: &str| format!("{}/{name}", self.0.base_path);
        let routes = Router::new()
            .route(&path("login"), get(login))
            .route(&path("callback"), get(callback::callback))
            .route(&path("logout"), post(logout));
        let routes = if self.0.hears_logout {
            let backchannel = post(logout_routes::backchannel).layer(DefaultBodyLimit::max(LONGEST_BODY));
            routes
                .route(&path("backchannel-logout"), backchannel)
                .route(&path("frontchannel-logout"), get(logout_routes::frontchannel))
        } else {
            routes
        };
        routes.with_state(self.clone())
    }
}

/// Begins a sign-in.
async fn login(
    State(rp): State<RelyingParty>,
    jar: CookieJar,
    RawQuery(query): RawQuery,
) -> Result<Response, SignInError> {
    let query = query.unwrap_or_default();
    let mut nexts = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "next");
    let next = nexts.next().map(|(_, next)| next);
    let begun = Attempt::begin(&rp, return_to::local(next.as_deref())).await?;
    let cookie = rp.cookie(rp.attempt_cookie(&begun.state), begun.cookie, LIFE);
    Ok(leave(jar.add(cookie), &begun.url))
}

/// Ends the session here and sends the browser to end it at the provider (OpenID Connect RP-Initiated Logout).
///
/// A form of another site that posts here does not bring the cookie along (`SameSite=Lax`), so it ends nothing.
async fn logout(State(rp): State<RelyingParty>, jar: CookieJar) -> Result<Response, SignInError> {
    let name = rp.session_cookie();
    let Some(cookie) = jar.get(&name) else { return Ok(leave(jar, "/")) };
    let record = rp.0.store.take(Kind::Session, &token::sha256(cookie.value())).await?;
    let user: Option<User> = record.and_then(|record| serde_json::from_slice(&record).ok());
    let jar = jar.add(rp.no_cookie(name));
    let there = match user {
        Some(user) => logout_url(&rp, &user).await,
        None => None,
    };
    Ok(leave(jar, there.as_deref().unwrap_or("/")))
}

/// Where the session at the provider ends. While the provider is away, the session here has ended all the same.
async fn logout_url(rp: &RelyingParty, user: &User) -> Option<String> {
    let metadata = rp.0.provider.metadata().await.ok()?;
    let mut url = Url::parse(metadata.end_session_endpoint.as_deref()?).ok()?;
    url.query_pairs_mut().append_pair("id_token_hint", &user.id_token).append_pair("client_id", &rp.0.client_id);
    if let Some(back) = &rp.0.post_logout_redirect_uri {
        url.query_pairs_mut().append_pair("post_logout_redirect_uri", back);
    }
    Some(url.into())
}

/// Sends the browser on, with its cookies, and lets nobody keep the answer.
pub(crate) fn leave(jar: CookieJar, to: &str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, jar, Redirect::to(to)).into_response()
}

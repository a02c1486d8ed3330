//! Log people in to an axum application.
//!
//! A [`RelyingParty`] brings three routes and one extractor. `/login` sends the browser to the OpenID Provider,
//! `/callback` brings it back and begins a session, `/logout` (a POST) ends it here and there. A handler that takes a
//! [`User`] answers only those who have signed in; everybody else is sent to `/login` and comes back afterwards.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use chancery_relying_party::{RelyingParty, User};
//!
//! async fn home(user: User) -> String {
//!     format!("Hello {}", user.text("name").unwrap_or(&user.subject))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let relying_party =
//!     RelyingParty::builder("https://id.example/t/acme", "my-app", "https://app.example/callback")
//!         .client_secret("from your configuration".to_owned())
//!         .scope("openid profile email")
//!         .post_logout_redirect_uri("https://app.example/")
//!         .build()?;
//!
//! let app: Router =
//!     Router::new().route("/", get(home)).merge(relying_party.routes()).with_state(relying_party);
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The routes stand beside the redirect URI: `https://app.example/account/callback` makes them `/account/login`,
//! `/account/callback` and `/account/logout`. `Option<User>` as an argument takes everybody. A link to
//! `/login?next=/orders` comes back to `/orders`; only paths of this application are followed.
//!
//! With [`RelyingPartyBuilder::hear_logout`] there are two routes more, to be registered at the provider:
//! `/backchannel-logout`, which it calls when a session is over in which people came here (OpenID Connect Back-Channel
//! Logout), and `/frontchannel-logout`, which it has their browsers load (OpenID Connect Front-Channel Logout). The
//! sessions here end with it.
//!
//! What is checked, and cannot be switched off (OpenID Connect Core section 3.1, RFC 9700):
//!
//! - PKCE with S256, `state` and `nonce`, fresh for every sign-in, kept on the server and tied to the browser that
//!   began it; each serves once and for ten minutes;
//! - `iss` of the answer (RFC 9207) wherever the provider sends it;
//! - the ID token: signature by a published key, `iss`, `aud` (this client and nobody else), `azp`, `exp`, `iat`,
//!   `nonce`, and `at_hash` and `auth_time` where they apply;
//! - that UserInfo tells of the same `sub`;
//! - a logout token: signature, `typ`, `iss`, `aud`, `exp`, `iat`, `events`, `sub` or `sid`, no `nonce`, and that its
//!   `jti` was not here before.
//!
//! Cookies are `__Host-`, `Secure`, `HttpOnly`, `SameSite=Lax`, and hold nothing but 256 random bits; what they stand
//! for is in a [`Store`], in memory unless you bring your own. On plain HTTP, which is for loopback addresses alone,
//! they go without prefix and `Secure`.

mod attempt;
mod builder;
mod call;
mod callback;
mod cookie;
mod ended;
mod error;
mod id_token;
mod logout_routes;
mod logout_token;
mod provider;
mod relying_party;
mod return_to;
mod routes;
mod store;
mod token;
mod user;

pub use self::{
    builder::{BuildError, RelyingPartyBuilder},
    error::{LogoutError, SignInError},
    relying_party::RelyingParty,
    store::{Kind, MemoryStore, Store, StoreError},
    user::{SignInRequired, User},
};

//! Verify the access tokens of one or many issuers in axum and tonic services.
//!
//! A resource server holds a [`Verifier`]. It finds the keys of each issuer by discovery, keeps them for as long as the
//! issuer says, and turns a token (RFC 9068) into an [`AccessToken`] or into a [`Rejection`] that says why not.
//!
#![cfg_attr(feature = "axum", doc = "```no_run")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{Router, middleware::from_fn_with_state, routing::get};
//! use chancery_resource_server::{AccessToken, Guard, Verifier};
//!
//! async fn orders(token: AccessToken) -> String {
//!     format!("the orders of {}", token.subject)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let verifier = Verifier::builder()
//!     .issuer("https://id.example/t/acme")
//!     .issuer("https://id.example/t/globex")
//!     .audience("https://api.example")
//!     .build()?;
//!
//! let readers = Guard::all_of(verifier.clone(), ["orders:read"]);
//! let app: Router = Router::new()
//!     .route("/orders", get(orders))
//!     .route_layer(from_fn_with_state(readers, Guard::check))
//!     .with_state(verifier);
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app).await?;
//! # Ok(())
//! # }
//! ```
//!
//! A handler that takes an [`AccessToken`] answers only callers who have one; [`Guard`] asks for scopes, all of them.
//! Everybody else gets 401 or 403 with the challenge of RFC 6750. In tonic services [`Verifier::authenticate`] does the
//! same with the metadata of a call. Anywhere else there is [`Verifier::verify`].
//!
//! What is checked, and cannot be switched off:
//!
//! - the form: one signature, no unknown `crit`, no repeated JSON member, at most 16 kB;
//! - `typ` is `at+jwt`, so an ID token is no access token;
//! - `iss` is one of the issuers given here. No URL of a token is ever called;
//! - the algorithm is that of the key, and among those allowed here. All of ES256, ES384, ES512, RS256, RS384, RS512,
//!   PS256, PS384, PS512, `EdDSA` (Ed25519), ML-DSA-44, ML-DSA-65 and ML-DSA-87 are, until
//!   [`VerifierBuilder::algorithms`] says otherwise; `none` and HMAC do not exist here;
//! - `aud` names this service; `exp`, `iat` and `nbf` fit the time with at most 60 s of leeway.
//!
//! Keys are fetched when the first token asks for them, again when their `max-age` is over, and once per
//! [`VerifierBuilder::cool_down`] when a token names a key that nobody knows. While an issuer is away its last good
//! keys serve for an hour; after that its tokens get [`Rejection::Unavailable`], never a pass.
//!
//! Sign people in with the crate `chancery-relying-party`.

mod claims;
mod json;
mod jwk;
mod jws;
pub mod provider;
mod rejection;
mod verifier;

#[cfg(feature = "axum")]
mod extract;
#[cfg(feature = "tonic")]
mod grpc;
#[cfg(feature = "axum")]
mod guard;

#[cfg(feature = "axum")]
pub use self::guard::Guard;
pub use self::{
    claims::{AccessToken, Principal},
    jwk::Algorithm,
    jws::Verified,
    rejection::Rejection,
    verifier::{BuildError, Verifier, VerifierBuilder},
};

//! The protocol: OAuth 2.0 and OpenID Connect without a framework.
//!
//! This room knows what the specifications say and nothing else: no axum, no sea-orm, no tonic, no HTTP status code.
//! A door hands it raw parameters and a tenant's view, and gets back an answer, a token response or an error by its
//! protocol name. It reaches the world through the ports of `domain` only, which [`Context`] holds.
//!
//! To add a check to the authorization endpoint: a file in `authorize/`, one line in the list that
//! [`authorize::check`] goes through. To add a grant type: a variant of `GrantType`, a file in `token/grants/`; the compiler points
//! to the matches, and [`discovery`] follows the enum.

pub mod authorize;
pub mod client_auth;
pub mod device;
pub mod discovery;
pub mod dpop;
pub mod endpoints;
pub mod error;
pub mod introspect;
pub mod logout;
pub mod parameters;
pub mod pushed;
pub mod registration;
pub mod revoke;
pub mod session_state;
pub mod token;
pub mod userinfo;

mod access_token;
mod client_jws;
mod context;
mod encrypted;
mod hint;
mod in_use;
mod named;
mod percent;
mod resources;
mod scopes;
mod session_clients;
mod strict;
mod subject;

pub use context::Context;

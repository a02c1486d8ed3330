//! The gRPC door: operators and their programs manage tenants here, by the contract in `/proto`.
//!
//! A call comes in through `door` (trace, caller, permit, before its body is looked at), goes to the one line that its
//! service has for it, and from there to a file that is named after the verb: `clients/create`, `keys/rotate`. Around
//! the verbs stand the conventions of the API, each in the one place that knows it: `name`, `page`, `mask`, `etag`,
//! `request_id`, `reach` (which tenant a caller may touch) and `status` (how a refusal looks on the wire).
//!
//! This room must never know a protocol message of OAuth, a table or a private key. To add a call: write it in the
//! proto with its `(authorization)`; the trait no longer compiles; give it one line in the service, one file for the
//! verb, and a test.

mod api_keys;
mod call;
mod caller;
mod clients;
mod context;
mod documents;
mod door;
mod etag;
mod grant;
mod keys;
mod mask;
mod master_keys;
mod name;
mod page;
mod permit;
mod reach;
mod request_id;
mod roles;
mod scopes;
mod server;
mod service;
mod span;
mod status;
mod tenants;
mod text;
mod token_secrets;
mod users;
mod writing;

pub use context::Context;
pub use server::{ServeError, Tls, serve};

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
mod approvals;
mod audit;
mod bootstrap;
mod call;
mod caller;
mod claim_mappings;
mod clients;
mod consents;
mod context;
mod contract;
mod delegation;
mod documents;
mod door;
mod encryption_keys;
mod errand;
mod etag;
mod filter;
mod grants;
mod initial_access_tokens;
mod json;
mod keys;
mod last_owner;
mod listener;
mod mask;
mod master_keys;
mod name;
mod nul;
mod order;
mod page;
mod permit;
mod previews;
mod reach;
mod request_id;
mod resources;
mod role_bindings;
mod roles;
mod scopes;
mod server;
mod service;
mod sessions;
mod span;
mod status;
mod tell;
mod tenants;
mod text;
mod token_secrets;
mod trusted_issuers;
mod turn;
mod users;
mod watch;
mod writing;

pub use bootstrap::Tries;
pub use context::{Context, SystemTenant};
pub use listener::Tls;
pub use previews::Danger;
pub use server::{ServeError, serve};
pub use watch::{Seats, WatchLimits};

//! The protocol over a store in memory.

mod authorize;
mod claim_mappings;
mod client_auth;
mod client_credentials;
mod code;
mod discovery;
mod front;
mod hmac_tokens;
mod introspect;
mod logout;
mod refresh;
mod resources;
mod revoke;
mod shared_secrets;
mod steps;
mod token_exchange;
mod userinfo;

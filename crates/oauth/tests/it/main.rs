//! The protocol over a store in memory.

mod assertions;
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
mod pushed;
mod refresh;
mod request_objects;
mod resources;
mod revoke;
mod shared_secrets;
mod steps;
mod userinfo;

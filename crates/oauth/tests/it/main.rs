//! The protocol over a store in memory.

mod assertions;
mod authorize;
mod claim_mappings;
mod claims_parameter;
mod client_auth;
mod client_credentials;
mod code;
mod discovery;
mod front;
mod front_channel;
mod hmac_tokens;
mod introspect;
mod limits;
mod logout;
mod pushed;
mod refresh;
mod request_objects;
mod resources;
mod revoke;
mod shared_secrets;
mod signed_answers;
mod steps;
mod token_forms;
mod token_lives;
mod token_threats;
mod userinfo;

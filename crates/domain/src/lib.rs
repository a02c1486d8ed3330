//! Words, things and their legal moves; the ports that the rooms ask for.
//!
//! This room knows no database, no HTTP and no gRPC. It may not do I/O and may not name a framework. Everything
//! else in the house depends on it, so what stands here is what the house can say.
//!
//! To extend it: give the new thing a file of its own name, let its state move by methods that consume the old
//! state, and add to `ports` only what a room really asks for.

pub mod admin_key;
pub mod applied_document;
pub mod approval;
pub mod audit;
pub mod audit_chain;
pub mod bootstrap;
pub mod certificate;
pub mod change;
pub mod claim_mapping;
pub mod claims_request;
pub mod client;
pub mod code;
pub mod confirmation;
pub mod consent;
pub mod delivery;
pub mod device;
pub mod encryption_key;
pub mod fault;
pub mod fresh_value;
pub mod grant;
pub mod id;
pub mod issuer;
pub mod key;
pub mod key_census;
pub mod key_policy;
pub mod key_spec;
pub mod lease;
pub mod logout;
pub mod logout_scope;
pub mod opaque_access_token;
pub mod outbound;
pub mod page;
pub mod password_link;
pub mod permission;
mod plain_host;
pub mod ports;
pub mod principal;
pub mod profile;
pub mod pushed_request;
pub mod query;
pub mod random;
pub mod redirect_uri;
pub mod refresh;
pub mod registration;
pub mod resource;
pub mod rewrap;
pub mod role;
pub mod role_binding;
pub mod scope;
pub mod secret;
pub mod session;
pub mod source_range;
pub mod strict_json;
pub mod tenant;
pub mod time;
pub mod token_id;
pub mod token_secret;
pub mod trusted_issuer;
pub mod used_once;
pub mod user;
pub mod version;
pub mod view;
pub mod vocabulary;

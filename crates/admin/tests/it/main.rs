//! The gRPC door as its callers see it: a real server on a loopback port, over a store in memory.

mod api_keys;
mod callers;
mod clients;
mod documents;
mod etags;
mod isolation;
mod key_alarms;
mod key_alarms_everywhere;
mod key_imports;
mod key_policies;
mod key_timelines;
mod keys;
mod limits;
mod master_keys;
mod pages;
mod repeats;
mod scopes;
mod shared_secrets;
mod tenants;
mod tls;
mod token_secrets;
mod users;
mod world;

//! The shared storage crate: the store ports of the domain on SQLite and on PostgreSQL.
//!
//! This room may name sea-orm and no other does. It must never know a protocol, a page or a key's inside: digests and
//! sealed bytes come in, digests and sealed bytes go out. It decides nothing but who was first.
//!
//! How it is made:
//!
//! - [`Storage`] opens a database and hands out readers and transactions.
//! - `line` is the way to the database: a pool to read from, or a transaction to write in. Writes exist on the second
//!   only, so a reader cannot write by its type.
//! - `rows` fences: whatever is asked through it is asked of one tenant.
//! - There is one file per noun. It holds the row, the one place where a row becomes a thing (and may turn out to make
//!   no sense), and the port.
//! - `known` is what this process knows by itself, where it is the only one that writes.
//! - `sqlite` has one writer whose commits are grouped; `postgres` runs short transactions and lets row locks decide.
//!
//! To add a table: a migration, a file of the noun's name here, and its cases in the suite that both databases run.

mod admin_keys;
mod answered_pages;
mod applied_documents;
mod approvals;
mod audit;
mod bootstrap;
mod changes;
mod claim_mappings;
mod clients;
mod codes;
mod consents;
mod database;
mod deliveries;
mod devices;
mod encryption_keys;
mod fault;
mod fresh_values;
mod grants;
mod impact;
mod initial_access_tokens;
mod keys;
mod known;
mod leases;
mod line;
mod master_keys;
mod migrate;
mod open;
mod password_links;
mod platform;
mod postgres;
mod purge;
mod pushed_requests;
mod query;
mod refresh;
mod replay_memory;
mod requests;
mod resources;
mod rewrap;
mod role_bindings;
mod roles;
mod row;
mod rows;
mod scopes;
mod session_clients;
mod sessions;
mod sqlite;
mod storage;
mod tenants;
mod token_secrets;
mod trusted_issuers;
mod users;
mod uses;

pub use open::{OpenError, Options};
pub use storage::Storage;

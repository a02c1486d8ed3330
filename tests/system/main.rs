//! The whole program, driven from outside: by the names of its endpoints, its pages and its admin API, and by client
//! libraries that others wrote.
//!
//! Build everything before running a part of this (`cargo build --workspace --all-targets`): it starts the `chancery` of
//! the same build. `tests/run` does that, and installs what the libraries and PostgreSQL need.

mod admin_threats;
mod advertised;
mod algorithms;
mod application;
mod audiences;
mod audit;
mod authorization;
mod bad_input;
mod callers;
mod certificates;
mod chromium;
mod cli;
mod client_calls;
mod client_keys;
mod client_requests;
mod compromise;
mod contract;
mod crash;
mod databases;
mod dev;
mod documents;
mod dpop;
mod dump;
mod examples;
mod figures;
mod grants;
mod haste;
mod hosts;
mod interop;
mod isolation;
mod libraries;
mod logout;
mod logs;
mod making;
mod master_keys;
mod ml_dsa;
mod names;
mod overdue;
mod people;
mod presented;
mod protocol;
mod reflection;
mod registration;
mod replicas;
mod restore;
mod retirement;
mod roles;
mod rotation;
mod script;
mod shared;
mod sign_in;
mod signer;
mod single_page;
mod tls;
mod tokens;
mod turmoil;
mod typed;
mod verifier;
mod watch;
mod watching;

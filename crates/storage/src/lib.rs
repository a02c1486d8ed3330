//! The shared storage crate: the store ports on SQLite and PostgreSQL.

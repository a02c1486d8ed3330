//! The map in `crates/README.md`, held true: which room may depend on which, which frameworks a room may name, and how
//! files are named and how long they grow.

mod arrows;
mod files;
mod frameworks;
mod tasks;
mod workspace;

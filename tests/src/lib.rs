//! Drives the whole program from outside, as people, applications and operators do.
//!
//! - [`program`] starts the binary that stands beside the tests, and ends it;
//! - [`dev`] and [`installation`] are the two ways it is run: to try, and to serve;
//! - [`browser`] and [`page`] are a person's side of the public listener, [`party`] an application's;
//! - [`admin`] is an operator's side, who knows nothing but what the server tells of itself by reflection.
//!
//! Nothing here knows the rooms of the server: what only they can tell is not told to anybody else either.

pub mod admin;
pub mod browser;
pub mod dev;
pub mod http;
pub mod installation;
pub mod page;
pub mod party;
pub mod program;

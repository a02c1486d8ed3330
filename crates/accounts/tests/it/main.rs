//! The use-cases of this room, on a store in memory and with a clock that stands still.

mod consent;
mod password_link;
mod scene;
mod session;
mod signin;

//! Clients that register themselves (RFC 7591): who may, and what they may have.

mod policy;
mod token;

pub use self::{
    policy::{RegistrationAccess, RegistrationPolicy},
    token::InitialAccessToken,
};

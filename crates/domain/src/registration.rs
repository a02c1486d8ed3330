//! Clients that register themselves (RFC 7591): who may, and what they may have.

mod fields;
mod host;
mod policy;
mod token;

pub use self::{
    fields::InitialAccessTokenField,
    host::RegistrableHost,
    policy::{RegistrationAccess, RegistrationPolicy},
    token::InitialAccessToken,
};

//! Client authentication (RFC 6749 section 2.3, OpenID Connect Core section 9).
//!
//! Whoever fails hears the same: an unknown client, a disabled one, a wrong secret and a method that the client does
//! not use are one answer, and cost one digest each.

mod assertion;
mod authenticate;
mod certificate;
mod credentials;

pub use authenticate::authenticate;
pub(crate) use authenticate::prove;
pub(crate) use certificate::{binding, is_bound_to};
pub use credentials::Credentials;

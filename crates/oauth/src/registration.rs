//! Dynamic client registration (RFC 7591, OpenID Connect Dynamic Client Registration), and its management (RFC 7592).
//!
//! Whoever registers a client here is a stranger. What they say is read member by member (`metadata`, where a new member
//! is one line), held against what the tenant allows such clients (`policy`), and what they publish is looked at once
//! (`places`). Ids, secrets and trust are never theirs to say: members that we do not know are ignored, and so is every
//! one that would say such a thing.
//!
//! The token that manages a registration stays the same for its life. A new one with each change would lock out a client
//! that loses one answer; this one has 256 random bits, is kept as a digest, and ends with the client.

mod answer;
mod create;
mod manage;
mod metadata;
mod name;
mod places;
mod policy;
mod reading;
mod secret;

pub use self::{
    create::register,
    manage::{change, read, remove, tell_of_miss},
};

use chancery_domain::{
    fault::{Fault, WriteError},
    id::ClientId,
};
use serde_json::{Map, Value};

use crate::{
    error::{ErrorCode, OAuthError},
    strict,
};

/// The longest text that is read, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// Why nobody was registered, or nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationRefused {
    /// The tenant lets nobody register clients.
    #[error("registration is closed")]
    Closed,
    /// There is no token, and one is needed.
    #[error("a token is needed")]
    NoToken,
    /// The initial access token is not good: unknown, used up, or over.
    #[error("the token is not good")]
    WrongToken,
    /// The token manages no client of that id: there is none, it did not register itself, or the token is another's. With
    /// the id where that is worth telling ([`tell_of_miss`]).
    #[error("the token manages no such client")]
    NotManaged(Option<ClientId>),
    /// The client was disabled by an operator, and cannot change that.
    #[error("the client is disabled")]
    Disabled,
    /// What was sent is wrong, there is too much of it, or we failed.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
}

impl From<Fault> for RegistrationRefused {
    fn from(fault: Fault) -> Self {
        Self::OAuth(fault.into())
    }
}

/// Somebody else changed the client at the same time: to try again helps.
impl From<WriteError> for RegistrationRefused {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale => Self::OAuth(OAuthError::TooMany { retry_after: std::time::Duration::from_secs(1) }),
            WriteError::Taken(_) | WriteError::Fault(_) => Self::OAuth(error.into()),
        }
    }
}

/// That a member cannot be registered, by its name.
fn unfit(member: &str, rule: &str) -> OAuthError {
    let code = if member == "redirect_uris" { ErrorCode::InvalidRedirectUri } else { ErrorCode::InvalidClientMetadata };
    OAuthError::Caller { code, hint: format!("{member} {rule}").into() }
}

/// The members that were sent. No member stands twice, so nobody can read another one than we do.
fn members(body: &[u8]) -> Result<Map<String, Value>, OAuthError> {
    let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= LONGEST);
    let members = text.and_then(strict::object).ok_or(OAuthError::new(
        ErrorCode::InvalidClientMetadata,
        "the body must be a JSON object without repeated members",
    ))?;
    if members.get("software_statement").is_some_and(|statement| !statement.is_null()) {
        let hint = "software_statement is of no issuer that is believed here";
        return Err(OAuthError::new(ErrorCode::InvalidSoftwareStatement, hint));
    }
    Ok(members)
}

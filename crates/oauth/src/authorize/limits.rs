//! How long the parameters of a request may be. What is exactly as long works, whatever else is sent with it; what is
//! one byte longer is refused by name. A request as a whole is bounded by [`Parameters::MOST_BYTES`].
//!
//! | parameter | most |
//! |---|---|
//! | `state` | 4096 bytes |
//! | `nonce` | 384 bytes |
//! | `scope` | 8192 bytes, 100 scopes of 128 bytes each |
//! | `resource` | 20 of them |
//! | `claims` | 8192 bytes, 64 claims for ID tokens and 64 for UserInfo |
//! | `id_token_hint` | 16 384 bytes |
//! | `login_hint`, `acr_values`, `ui_locales`, `claims_locales` | 1024 bytes each |
//! | `prompt`, `display` | 128 bytes each |
//! | `max_age` | 4294967295 |
//! | `code_challenge`, `dpop_jkt` | 43 bytes, no more and no fewer |
//!
//! [`Parameters::MOST_BYTES`]: crate::parameters::Parameters::MOST_BYTES

use std::borrow::Cow;

use crate::{
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};

/// The most of `state`, in bytes.
pub(super) const STATE: usize = 4096;
/// The most of `nonce`, in bytes.
pub(super) const NONCE: usize = 384;
/// The most of `claims`, in bytes.
pub(super) const CLAIMS: usize = 8192;
/// The most of `id_token_hint`, in bytes.
pub(super) const ID_TOKEN_HINT: usize = 16_384;
/// The most of a parameter with a few words for people, in bytes.
pub(super) const HINT: usize = 1024;
/// The most of a parameter with words of the protocol, in bytes.
pub(super) const WORDS: usize = 128;

/// The value of a parameter, if it was sent: carried whole or refused, never cut.
pub(super) fn at_most<'a>(
    parameters: &'a Parameters,
    name: &'static str,
    most: usize,
) -> Result<Option<&'a str>, OAuthError> {
    match parameters.optional(name)? {
        Some(text) if text.len() > most => {
            let hint = Cow::Owned(format!("{name} must be at most {most} bytes"));
            Err(OAuthError::Caller { code: ErrorCode::InvalidRequest, hint })
        }
        text => Ok(text),
    }
}

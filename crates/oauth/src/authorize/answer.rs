//! What goes back to the client through the browser.

use std::fmt;

use chancery_domain::{id::ClientId, vocabulary::ResponseMode};

use crate::error::{ErrorCode, OAuthError};

/// An answer of the authorization endpoint; it always says which issuer gives it (RFC 9207).
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whom it is for.
    pub client_id: ClientId,
    /// Where it goes.
    pub redirect_uri: String,
    /// How it goes there.
    pub mode: ResponseMode,
    /// What it says, in order.
    pub parameters: Vec<(&'static str, String)>,
    /// The languages in which the person is asked first, where it tells a client that registered itself that it asked for
    /// too much, before anybody had a say: nobody but the client vouches for where it goes, so it goes there only if the
    /// person wants it to (RFC 9700 section 4.11.2).
    pub needs_a_word: Option<Vec<String>>,
}

impl Answer {
    /// The error that it tells, for a client that hears of it without a browser.
    #[must_use]
    pub fn into_error(self) -> OAuthError {
        let told = self.parameter("error").unwrap_or_default();
        let code = ErrorCode::ALL.iter().copied().find(|code| code.as_str() == told);
        let hint = self.parameter("error_description").unwrap_or_default().to_owned();
        OAuthError::Caller { code: code.unwrap_or(ErrorCode::InvalidRequest), hint: hint.into() }
    }

    /// The value of one of its parameters.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str())
    }
}

/// Shows where it goes and its error, never a code or a token.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("redirect_uri", &self.redirect_uri)
            .field("mode", &self.mode)
            .field("error", &self.parameter("error"))
            .finish_non_exhaustive()
    }
}

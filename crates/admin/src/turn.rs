//! A move from one state to another that a caller asks for, of whatever has states.

use chancery_domain::{audit::Action, fault::IllegalMove, time::Timestamp};

use crate::{
    etag,
    status::{Reason, Refusal},
};

/// A move; each noun that has states carries it out.
pub(crate) struct Turn<'a, T> {
    /// The name of the thing.
    pub(crate) name: &'a str,
    /// The tag that it must still have, or nothing.
    pub(crate) etag: &'a str,
    /// Whether the caller only asks what would happen.
    pub(crate) validate_only: bool,
    /// What the audit calls it.
    pub(crate) action: Action,
    /// The move.
    pub(crate) step: fn(T, Timestamp) -> Result<T, IllegalMove>,
}

impl<T> Turn<'_, T> {
    /// The thing after the move. Refused where its tag is not the one that was meant, and with `standing`, which says the
    /// state that it is in, where that does not allow the move.
    pub(crate) fn made(&self, stored: T, etag: &str, standing: Reason, now: Timestamp) -> Result<T, Refusal> {
        etag::check(self.etag, etag)?;
        let refused =
            |illegal: IllegalMove| Refusal::precondition(standing, self.name, &format!("is {}", illegal.from));
        (self.step)(stored, now).map_err(refused)
    }
}

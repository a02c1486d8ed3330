//! What a sign-out ends that a client asks for.

use serde::{Deserialize, Serialize};

/// How far a client's sign-out goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogoutScope {
    /// The session ends, with what was given in it: everybody is told.
    #[default]
    Session,
    /// What the session gave that client ends, and nothing else: the person stays signed in.
    Client,
}

impl LogoutScope {
    /// Whether it goes without saying.
    #[must_use]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference to the field")]
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

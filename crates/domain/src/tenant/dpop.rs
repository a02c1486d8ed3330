//! What a tenant makes of DPoP proofs (RFC 9449).

use serde::{Deserialize, Serialize};

/// Whether tokens are bound to keys that clients prove to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DpopPolicy {
    /// Proofs are not looked at: nothing is bound to a key.
    Off,
    /// Who sends a proof gets tokens that are bound to its key.
    Offered,
    /// Every client sends proofs.
    Required,
}

impl DpopPolicy {
    /// Whether it is the one that goes without saying, which settings at rest leave out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference to the field")]
    pub(super) const fn is_usual(&self) -> bool {
        match self {
            Self::Offered => true,
            Self::Off | Self::Required => false,
        }
    }
}

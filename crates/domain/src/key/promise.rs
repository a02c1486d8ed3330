//! What a key has promised: until when something that it signed may live.

use std::time::Duration;

use crate::{key_policy::Margins, time::Timestamp};

/// The lives that a key has promised. It is recorded in the key's row before the first token of a longer life leaves,
/// so that the key can leave the JWK Set exactly when the last of them is over: not earlier, and not much later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The longest life of what it signs now.
    pub life: Duration,
    /// Until when something of a longer life, which it signed before that was shortened, may still be believed.
    pub until: Option<Timestamp>,
}

impl Promise {
    /// Nothing promised yet.
    pub const NONE: Self = Self { life: Duration::ZERO, until: None };

    /// The promise of a key that begins to sign things of that life.
    #[must_use]
    pub const fn of(life: Duration) -> Self {
        Self { life, until: None }
    }

    /// The promise once the longest life is another, from `now` on. What was signed until now, and what replicas that
    /// have not heard of it sign within the next moments, keeps the life that it was given.
    #[must_use]
    pub fn changed(self, life: Duration, margins: &Margins, now: Timestamp) -> Self {
        if life >= self.life { Self { life, ..self } } else { Self { life, until: Some(self.kept_by(margins, now)) } }
    }

    /// When everything is over that was signed by a key which stops signing at `now`: Vs + L + 2S later, or when an
    /// older promise ends. One S is for the signer's clock, one for the verifier's leeway.
    #[must_use]
    pub fn kept_by(self, margins: &Margins, now: Timestamp) -> Timestamp {
        let last = now + margins.signing_view_age + self.life + 2 * margins.skew;
        self.until.map_or(last, |until| until.max(last))
    }
}

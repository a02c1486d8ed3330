//! The legal moves of a key. Each consumes the key as it was; what is not listed cannot happen.

use std::time::Duration;

use super::{Key, KeyState, Promise};
use crate::{fault::IllegalMove, key_policy::Margins, time::Timestamp};

impl Key {
    /// Publishes it. Its time counts anew once it is [settled](Self::settle).
    pub fn announce(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Generated => {
                let standby = self.moved(KeyState::Standby { announced_at: now });
                Ok(Self { announced_at: Some(now), settled: false, ..standby })
            }
            KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("standby")),
        }
    }

    /// Puts it to work. `life` is the longest life of what it will sign.
    pub fn activate(self, life: Duration, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Standby { announced_at } if self.private.is_some() => {
                let active = self.moved(KeyState::Active { announced_at, activated_at: now });
                Ok(Self { activated_at: Some(now), promise: Promise::of(life), settled: true, ..active })
            }
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("active")),
        }
    }

    /// Promises another longest life for what it signs from now on.
    pub fn promise(self, life: Duration, margins: &Margins, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Active { .. } => Ok(Self { promise: self.promise.changed(life, margins, now), ..self }),
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("active")),
        }
    }

    /// Stops it from signing; it stays published until everything that it signed is over, which is known exactly once
    /// it is [settled](Self::settle).
    pub fn deactivate(self, margins: &Margins, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Active { .. } => {
                let retire_at = self.promise.kept_by(margins, now);
                Ok(Self { settled: false, ..self.moved(KeyState::Retiring { deactivated_at: now, retire_at }) })
            }
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("retiring")),
        }
    }

    /// Takes a standby key back: it has signed nothing, so there is nothing to wait for.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Standby { .. } => {
                let state = KeyState::Retiring { deactivated_at: now, retire_at: now };
                Ok(Self { settled: true, ..self.moved(state) })
            }
            KeyState::Generated
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("withdrawn")),
        }
    }

    /// Lets its time count from `now`, at which the transaction that announced or deactivated it is known to be
    /// committed: a process that is frozen between looking at the clock and committing, or a commit that takes long,
    /// would otherwise have verifiers told too late, or let tokens outlive their key.
    pub fn settle(self, margins: &Margins, now: Timestamp) -> Result<Self, IllegalMove> {
        if self.settled {
            return Err(self.illegal("settled"));
        }
        let kept = self.promise.kept_by(margins, now);
        let settled = match self.state {
            KeyState::Standby { announced_at } => {
                let announced_at = announced_at.max(now);
                Self { announced_at: Some(announced_at), ..self.moved(KeyState::Standby { announced_at }) }
            }
            KeyState::Retiring { deactivated_at, retire_at } => {
                self.moved(KeyState::Retiring { deactivated_at, retire_at: retire_at.max(kept) })
            }
            KeyState::Tainted { deactivated_at, retire_at } => {
                self.moved(KeyState::Tainted { deactivated_at, retire_at: retire_at.max(kept) })
            }
            KeyState::Generated
            | KeyState::Active { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Compromised { .. } => return Err(self.illegal("settled")),
        };
        Ok(Self { settled: true, ..settled })
    }

    /// Takes a key as settled that nobody could have missed: of a tenant that did not exist before, or one that
    /// verifiers know from elsewhere.
    #[must_use]
    pub fn known(self) -> Self {
        Self { settled: true, ..self }
    }

    /// Publishes a key that another provider signed with: it verifies until `retire_at`, and never signs here.
    pub fn publish_to_verify(self, retire_at: Timestamp, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Generated => {
                let state = KeyState::Retiring { deactivated_at: now, retire_at };
                Ok(Self { announced_at: Some(now), private: None, ..self.moved(state) })
            }
            KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("retiring")),
        }
    }

    /// Suspects it: it signs no more and its private part goes at once, and what it signed is still believed.
    pub fn taint(self, margins: &Margins, now: Timestamp) -> Result<Self, IllegalMove> {
        let (deactivated_at, retire_at, settled) = match self.state {
            KeyState::Active { .. } => (now, self.promise.kept_by(margins, now), false),
            KeyState::Standby { .. } => (now, now, true),
            KeyState::Retiring { deactivated_at, retire_at } => (deactivated_at, retire_at, self.settled),
            KeyState::Generated
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => return Err(self.illegal("tainted")),
        };
        Ok(Self { private: None, settled, ..self.moved(KeyState::Tainted { deactivated_at, retire_at }) })
    }

    /// Gives it up: it is out of the JWK Set and believed by nobody from this moment on.
    pub fn compromise(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Tainted { .. } => {
                let retired_at = self.retired_at.or(Some(now));
                let compromised = self.moved(KeyState::Compromised { at: now });
                Ok(Self { private: None, retired_at, settled: true, ..compromised })
            }
            KeyState::Purged | KeyState::Compromised { .. } => Err(self.illegal("compromised")),
        }
    }

    /// Destroys the private part of a key that signs no more.
    pub fn destroy_private(self) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Retiring { .. } => Ok(Self { private: None, ..self }),
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("without its private part")),
        }
    }

    /// Takes it out of the JWK Set, and its private part with it.
    pub fn retire(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Retiring { deactivated_at, .. } | KeyState::Tainted { deactivated_at, .. } => {
                let retired = self.moved(KeyState::Retired { deactivated_at });
                Ok(Self { private: None, retired_at: Some(now), ..retired })
            }
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Compromised { .. } => Err(self.illegal("retired")),
        }
    }

    /// Forgets what it proved.
    pub fn purge(self) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Retired { .. } => Ok(self.moved(KeyState::Purged)),
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("purged")),
        }
    }

    fn moved(self, state: KeyState) -> Self {
        Self { state, ..self }
    }

    const fn illegal(&self, to: &'static str) -> IllegalMove {
        IllegalMove { from: self.state.label(), to }
    }
}

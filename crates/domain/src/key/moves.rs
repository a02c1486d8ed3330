//! The legal moves of a key. Each consumes the key as it was; what is not listed cannot happen.

use std::time::Duration;

use super::{Key, KeyState, Promise};
use crate::{fault::IllegalMove, key_policy::Margins, time::Timestamp};

impl Key {
    /// Publishes it.
    pub fn announce(self, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Generated => {
                Ok(Self { announced_at: Some(now), ..self.moved(KeyState::Standby { announced_at: now }) })
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
                Ok(Self { activated_at: Some(now), promise: Promise::of(life), ..active })
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

    /// Stops it from signing; it stays published until everything that it signed is over.
    pub fn deactivate(self, margins: &Margins, now: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            KeyState::Active { .. } => {
                let retire_at = self.promise.kept_by(margins, now);
                Ok(self.moved(KeyState::Retiring { deactivated_at: now, retire_at }))
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
            KeyState::Standby { .. } => Ok(self.moved(KeyState::Retiring { deactivated_at: now, retire_at: now })),
            KeyState::Generated
            | KeyState::Active { .. }
            | KeyState::Retiring { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => Err(self.illegal("withdrawn")),
        }
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
        let (deactivated_at, retire_at) = match self.state {
            KeyState::Active { .. } => (now, self.promise.kept_by(margins, now)),
            KeyState::Standby { .. } => (now, now),
            KeyState::Retiring { deactivated_at, retire_at } => (deactivated_at, retire_at),
            KeyState::Generated
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Tainted { .. }
            | KeyState::Compromised { .. } => return Err(self.illegal("tainted")),
        };
        Ok(Self { private: None, ..self.moved(KeyState::Tainted { deactivated_at, retire_at }) })
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
                Ok(Self { private: None, retired_at, ..self.moved(KeyState::Compromised { at: now }) })
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

//! The steps of a key's life: what a plan is made of, and what each does to a key.

use chancery_domain::{audit::Action, fault::IllegalMove, id::KeyId, key::Key, time::Timestamp, vocabulary::Algorithm};

/// One step. A list of steps is written in its order: what frees a place comes before what takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStep {
    /// Nothing signs with the algorithm and nothing waits: a new key is published and signs at once.
    CreateActive(Algorithm),
    /// A new key is published, and waits.
    CreateStandby(Algorithm),
    /// The standby key begins to sign.
    Activate(KeyId),
    /// The active key signs no more, and stays published.
    Deactivate(KeyId),
    /// The standby key of an algorithm that is given up: it will never sign, and stays published for a while.
    Withdraw(KeyId),
    /// The private part of a retiring key goes.
    DestroyPrivate(KeyId),
    /// A key leaves the JWK Set.
    Retire(KeyId),
    /// A retired key proves nothing any more.
    Purge(KeyId),
}

impl KeyStep {
    /// The key that it moves; none where it makes one.
    #[must_use]
    pub const fn moves(&self) -> Option<&KeyId> {
        match self {
            Self::CreateActive(_) | Self::CreateStandby(_) => None,
            Self::Activate(id)
            | Self::Deactivate(id)
            | Self::Withdraw(id)
            | Self::DestroyPrivate(id)
            | Self::Retire(id)
            | Self::Purge(id) => Some(id),
        }
    }

    /// The algorithm that it makes a key for, if it makes one.
    #[must_use]
    pub const fn makes(&self) -> Option<Algorithm> {
        match self {
            Self::CreateActive(algorithm) | Self::CreateStandby(algorithm) => Some(*algorithm),
            Self::Activate(_)
            | Self::Deactivate(_)
            | Self::Withdraw(_)
            | Self::DestroyPrivate(_)
            | Self::Retire(_)
            | Self::Purge(_) => None,
        }
    }

    /// The key after the step; where a key is made, `key` is a generated one.
    pub(crate) fn taken(&self, key: Key, now: Timestamp) -> Result<Key, IllegalMove> {
        match self {
            Self::CreateActive(_) => key.announce(now)?.activate(now),
            Self::CreateStandby(_) => key.announce(now),
            Self::Activate(_) => key.activate(now),
            Self::Deactivate(_) => key.deactivate(now),
            Self::Withdraw(_) => key.activate(now)?.deactivate(now),
            Self::DestroyPrivate(_) => key.destroy_private(),
            Self::Retire(_) => key.retire(),
            Self::Purge(_) => key.purge(),
        }
    }

    /// What the audit calls it.
    pub(crate) const fn action(&self) -> Action {
        match self {
            Self::CreateActive(_) | Self::CreateStandby(_) => Action::Created,
            Self::Activate(_) => Action::KeysRotated,
            Self::Deactivate(_) | Self::Withdraw(_) => Action::Disabled,
            Self::DestroyPrivate(_) => Action::KeyDestroyed,
            Self::Retire(_) => Action::KeyRetired,
            Self::Purge(_) => Action::KeyPurged,
        }
    }
}

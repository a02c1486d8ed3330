//! The steps of a key's life: what a plan is made of, and what each does to a key.

use chancery_domain::{audit::Action, fault::IllegalMove, id::KeyId, key::Key, time::Timestamp, vocabulary::Algorithm};

use crate::plan::Rules;

/// One step. A list of steps is written in its order: what frees a place comes before what takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStep {
    /// Nothing signs with the algorithm and nothing waits: a new key is published and signs at once.
    CreateActive(Algorithm),
    /// A new key is published, and waits.
    CreateStandby(Algorithm),
    /// A key that an operator brought is published, and waits; verifiers can know it since then.
    ImportStandby(Algorithm, Timestamp),
    /// A key that another provider signed with is published until that time, and never signs here.
    ImportVerifier(Algorithm, Timestamp),
    /// The standby key begins to sign.
    Activate(KeyId),
    /// The active key signs no more, and stays published.
    Deactivate(KeyId),
    /// A standby key that will not be needed: it has signed nothing, and goes.
    Withdraw(KeyId),
    /// The transaction that announced a key, or made it stop signing, is seen to be committed: its time counts from now.
    Settle(KeyId),
    /// The private part of a retiring key goes.
    DestroyPrivate(KeyId),
    /// A key leaves the JWK Set.
    Retire(KeyId),
    /// A retired key proves nothing any more.
    Purge(KeyId),
    /// A key is suspected: it signs no more, its private part goes, and it stays published.
    Taint(KeyId),
    /// Others have a key: it is believed no more.
    Compromise(KeyId),
}

impl KeyStep {
    /// The key that it moves; none where it brings one.
    #[must_use]
    pub const fn moves(&self) -> Option<&KeyId> {
        match self {
            Self::CreateActive(_) | Self::CreateStandby(_) | Self::ImportStandby(..) | Self::ImportVerifier(..) => None,
            Self::Activate(id)
            | Self::Deactivate(id)
            | Self::Withdraw(id)
            | Self::Settle(id)
            | Self::DestroyPrivate(id)
            | Self::Retire(id)
            | Self::Purge(id)
            | Self::Taint(id)
            | Self::Compromise(id) => Some(id),
        }
    }

    /// The algorithm that it brings a key for, if it brings one.
    #[must_use]
    pub const fn makes(&self) -> Option<Algorithm> {
        match self {
            Self::CreateActive(algorithm)
            | Self::CreateStandby(algorithm)
            | Self::ImportStandby(algorithm, _)
            | Self::ImportVerifier(algorithm, _) => Some(*algorithm),
            Self::Activate(_)
            | Self::Deactivate(_)
            | Self::Withdraw(_)
            | Self::Settle(_)
            | Self::DestroyPrivate(_)
            | Self::Retire(_)
            | Self::Purge(_)
            | Self::Taint(_)
            | Self::Compromise(_) => None,
        }
    }

    /// The key after the step; where one is brought, `key` is a generated one.
    pub fn taken(&self, key: Key, rules: &Rules, now: Timestamp) -> Result<Key, IllegalMove> {
        let (margins, life) = (&rules.margins, rules.policy.token_life);
        match self {
            Self::CreateActive(_) => key.announce(now)?.activate(life, now),
            Self::CreateStandby(_) => key.announce(now),
            Self::ImportStandby(_, since) => {
                let key = key.announce(*since)?;
                Ok(if *since < now { key.known() } else { key })
            }
            Self::ImportVerifier(_, until) => key.publish_to_verify(*until, now),
            Self::Activate(_) => key.activate(life, now),
            Self::Deactivate(_) => key.deactivate(margins, now),
            Self::Withdraw(_) => key.withdraw(now),
            Self::Settle(_) => key.settle(margins, now),
            Self::DestroyPrivate(_) => key.destroy_private(),
            Self::Retire(_) => key.retire(now),
            Self::Purge(_) => key.purge(),
            Self::Taint(_) => key.taint(margins, now),
            Self::Compromise(_) => key.compromise(now),
        }
    }

    /// What the audit calls it; nothing where it is a second look at what was told already.
    pub(crate) const fn action(&self) -> Option<Action> {
        Some(match self {
            Self::Settle(_) => return None,
            Self::CreateActive(_) | Self::CreateStandby(_) => Action::Created,
            Self::ImportStandby(..) | Self::ImportVerifier(..) => Action::KeyImported,
            Self::Activate(_) => Action::KeysRotated,
            Self::Deactivate(_) | Self::Withdraw(_) => Action::Disabled,
            Self::DestroyPrivate(_) => Action::KeyDestroyed,
            Self::Retire(_) => Action::KeyRetired,
            Self::Purge(_) => Action::KeyPurged,
            Self::Taint(_) => Action::KeyTainted,
            Self::Compromise(_) => Action::KeyCompromised,
        })
    }
}

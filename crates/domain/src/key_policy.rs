//! The key policy of a tenant: which algorithms, when a key gives way to the next, and the formulas that keep
//! verifiers safe.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::SignerName,
    key::Key,
    key_spec::{KeySpec, RsaBits},
    profile::Profile,
    tenant::seconds,
    time::Timestamp,
    version::Version,
    vocabulary::Algorithm,
};

mod margins;
mod rule;
mod safety;
#[cfg(test)]
mod tests;
mod usual;

pub use margins::Margins;
pub use rule::{AlgorithmRule, CronTable, Rotation};
pub use safety::{UnsafePolicy, Unsafety};
pub use usual::UsualPolicy;

/// R: how often a replica looks for changes.
pub const VIEW_REFRESH: Duration = Duration::from_secs(5);
/// H: how long a retired key can still prove an old logout hint.
pub const HINT_HORIZON: Duration = Duration::from_secs(90 * 86_400);
/// How long the JWK Set is served with a short `max-age` after a key was compromised.
pub const ALARM: Duration = Duration::from_secs(86_400);
/// That short `max-age`.
pub const ALARM_MAX_AGE: Duration = Duration::from_secs(60);

/// A policy as stored. Durations are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPolicy {
    /// The algorithms that always have an active and a standby key; the first is the default.
    pub algorithms: Vec<Algorithm>,
    /// T: when a key gives way to the next, where no rule says otherwise.
    #[serde(flatten)]
    pub rotation: Rotation,
    /// How far rotations of tenants are moved apart: to either side of a period, in percent of it; behind the date of a
    /// time table, in percent of the time to its next date, twice, and an hour at the most.
    #[serde(default = "usual_jitter")]
    pub jitter_percent: u8,
    /// P: how long a standby key is published before it may sign, where no rule says otherwise.
    #[serde(with = "seconds")]
    pub announce: Duration,
    /// Q: for how long a key may stay published after it stopped signing. It leaves as soon as nothing that it signed
    /// can still be believed, which is never later than this.
    #[serde(with = "seconds")]
    pub retain: Duration,
    /// M: the `max-age` served with the JWK Set.
    #[serde(with = "seconds")]
    pub max_age: Duration,
    /// C: the slowest honest verifier's cache.
    #[serde(with = "seconds")]
    pub verifier_cache: Duration,
    /// L: the cap on the life of anything that the tenant signs.
    #[serde(with = "seconds")]
    pub longest_token_life: Duration,
    /// The longest life of anything that the tenant signs as its settings stand: what its active keys promise.
    #[serde(with = "seconds", default = "longest_life")]
    pub token_life: Duration,
    /// The size of new RSA keys, where no rule says otherwise.
    #[serde(default)]
    pub rsa_bits: RsaBits,
    /// What is different for single algorithms.
    #[serde(default)]
    pub rules: Vec<AlgorithmRule>,
    /// The default algorithm of before, which goes on signing until the first of `algorithms` has been announced.
    #[serde(default)]
    pub interim: Option<Algorithm>,
    /// Counts the writes.
    #[serde(skip, default = "first")]
    pub version: Version,
}

const fn first() -> Version {
    Version::FIRST
}

const fn usual_jitter() -> u8 {
    KeyPolicy::USUAL_JITTER
}

const fn longest_life() -> Duration {
    KeyPolicy::LONGEST_LIFE
}

impl KeyPolicy {
    /// How far rotations are moved apart where nobody says otherwise.
    pub const USUAL_JITTER: u8 = 5;
    /// The cap on the life of anything signed where nobody says otherwise.
    pub const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);

    /// The policy of a new tenant: 30 days, announced for 26 hours, retained for 25 at the most.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        Self {
            algorithms: vec![profile.default_algorithm()],
            rotation: Rotation::Every(Duration::from_secs(30 * 86_400)),
            jitter_percent: Self::USUAL_JITTER,
            announce: Duration::from_secs(26 * 3600),
            retain: Duration::from_secs(25 * 3600),
            max_age: Duration::from_secs(300),
            verifier_cache: Duration::from_secs(24 * 3600),
            longest_token_life: Self::LONGEST_LIFE,
            token_life: Self::LONGEST_LIFE,
            rsa_bits: RsaBits::default(),
            rules: Vec::new(),
            interim: None,
            version: Version::FIRST,
        }
    }

    /// What new tokens are to be signed with where nobody asks for something else. While its first key is still being
    /// announced, something else signs: see [`Self::signing_algorithms`].
    #[must_use]
    pub fn default_algorithm(&self) -> Algorithm {
        self.algorithms.first().copied().unwrap_or(Algorithm::Es256)
    }

    /// What the tenant signs with as these keys stand, the default first: a change of the default takes effect when the
    /// first key of the new algorithm has been announced, and the old default goes on until then.
    #[must_use]
    pub fn signing_algorithms(&self, keys: &[Key]) -> Vec<Algorithm> {
        let active = |algorithm: &Algorithm| keys.iter().any(|key| key.algorithm == *algorithm && key.is_active());
        let wanted = self.algorithms.iter().take(1).chain(&self.interim).chain(self.algorithms.iter().skip(1));
        let mut signing = Vec::new();
        for algorithm in wanted.copied().filter(active) {
            if !signing.contains(&algorithm) {
                signing.push(algorithm);
            }
        }
        signing
    }

    /// Whether the algorithm is to have keys: named by the policy, or standing in until the default is ready.
    #[must_use]
    pub fn keeps(&self, algorithm: Algorithm, keys: &[Key]) -> bool {
        let ready = keys.iter().any(|key| key.algorithm == self.default_algorithm() && key.is_active());
        self.algorithms.contains(&algorithm) || (self.interim == Some(algorithm) && !ready)
    }

    /// What is different for that algorithm, if anything is.
    #[must_use]
    pub fn rule(&self, algorithm: Algorithm) -> Option<&AlgorithmRule> {
        self.rules.iter().find(|rule| rule.algorithm == algorithm)
    }

    /// When a key of that algorithm gives way to the next.
    #[must_use]
    pub fn rotation_of(&self, algorithm: Algorithm) -> &Rotation {
        self.rule(algorithm).and_then(|rule| rule.rotation.as_ref()).unwrap_or(&self.rotation)
    }

    /// How long a standby key of that algorithm is published before it may sign.
    #[must_use]
    pub fn announce_of(&self, algorithm: Algorithm) -> Duration {
        self.rule(algorithm).and_then(|rule| rule.announce).unwrap_or(self.announce)
    }

    /// How far rotations of that algorithm are moved apart, in percent.
    #[must_use]
    pub fn jitter_of(&self, algorithm: Algorithm) -> u8 {
        self.rule(algorithm).and_then(|rule| rule.jitter_percent).unwrap_or(self.jitter_percent)
    }

    /// The kind of key that is to be made for that algorithm.
    #[must_use]
    pub fn spec_of(&self, algorithm: Algorithm) -> KeySpec {
        let rsa_bits = self.rule(algorithm).and_then(|rule| rule.rsa_bits).unwrap_or(self.rsa_bits);
        KeySpec { algorithm, rsa_bits }
    }

    /// Who makes and holds new keys of that algorithm; nobody where this process does.
    #[must_use]
    pub fn signer_of(&self, algorithm: Algorithm) -> Option<&SignerName> {
        self.rule(algorithm).and_then(|rule| rule.signer.as_ref())
    }

    /// The `max-age` to serve the JWK Set with; shorter while an alarm lasts.
    #[must_use]
    pub fn max_age_at(&self, alarm_until: Option<Timestamp>, now: Timestamp) -> Duration {
        match alarm_until {
            Some(until) if until > now => self.max_age.min(ALARM_MAX_AGE),
            Some(_) | None => self.max_age,
        }
    }
}

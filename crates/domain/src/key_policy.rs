//! The key policy of a tenant: which algorithms, how long a key signs, and the formulas that keep verifiers safe.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{profile::Profile, tenant::seconds, time::Timestamp, version::Version, vocabulary::Algorithm};

/// R: how often a replica looks for changes.
pub const VIEW_REFRESH: Duration = Duration::from_secs(5);
/// Vs: the greatest age of a view that may sign.
pub const SIGNING_VIEW_AGE: Duration = Duration::from_secs(30);
/// Vj: the greatest age of a view that may serve the JWK Set.
pub const SERVING_VIEW_AGE: Duration = Duration::from_secs(3600);
/// S: the allowance for clocks that disagree.
pub const SKEW: Duration = Duration::from_secs(60);
/// H: how long a retired key can still prove an old logout hint.
pub const HINT_HORIZON: Duration = Duration::from_secs(90 * 86_400);

/// A policy as stored. Durations are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPolicy {
    /// The algorithms that always have an active and a standby key; the first is the default.
    pub algorithms: Vec<Algorithm>,
    /// T: how long a key signs.
    #[serde(with = "seconds")]
    pub period: Duration,
    /// P: how long a standby key is published before it may sign.
    #[serde(with = "seconds")]
    pub announce: Duration,
    /// Q: how long a key stays published after it stopped signing.
    #[serde(with = "seconds")]
    pub retain: Duration,
    /// M: the `max-age` served with the JWK Set.
    #[serde(with = "seconds")]
    pub max_age: Duration,
    /// C: the slowest honest verifier's cache.
    #[serde(with = "seconds")]
    pub verifier_cache: Duration,
    /// L: the longest life of anything that the tenant signs.
    #[serde(with = "seconds")]
    pub longest_token_life: Duration,
    /// Whether the safety margins for replicas and for clocks (Vs, Vj, S) count. `chancery dev`, a single process on
    /// one machine, leaves them out, so that a policy of seconds can be tried; `chancery serve` never does.
    pub margins: bool,
    /// Counts the writes.
    #[serde(skip, default = "first")]
    pub version: Version,
}

const fn first() -> Version {
    Version::FIRST
}

/// A policy that could break a verifier, with the figure that would be needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsafePolicy {
    /// No algorithm, or one twice.
    #[error("algorithms must hold one to four different algorithms")]
    Algorithms,
    /// M is out of range.
    #[error("max_age must be from 1 s to 1 h")]
    MaxAge,
    /// P is too short.
    #[error("announce must be at least {} s: the longer of max_age and verifier_cache, plus the view age and the clock skew", .0.as_secs())]
    Announce(Duration),
    /// Q is too short.
    #[error("retain must be at least {} s: longest_token_life plus the signing view age and twice the clock skew", .0.as_secs())]
    Retain(Duration),
    /// T is too short.
    #[error("period must be at least {} s: announce plus retain", .0.as_secs())]
    Period(Duration),
}

impl KeyPolicy {
    /// The policy of a new tenant: 30 days, announced for 26 hours, retained for 25.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        Self {
            algorithms: vec![profile.default_algorithm()],
            period: Duration::from_secs(30 * 86_400),
            announce: Duration::from_secs(26 * 3600),
            retain: Duration::from_secs(25 * 3600),
            max_age: Duration::from_secs(300),
            verifier_cache: Duration::from_secs(24 * 3600),
            longest_token_life: Duration::from_secs(24 * 3600),
            margins: true,
            version: Version::FIRST,
        }
    }

    /// What new tokens are signed with where nobody asks for something else.
    #[must_use]
    pub fn default_algorithm(&self) -> Algorithm {
        self.algorithms.first().copied().unwrap_or(Algorithm::Es256)
    }

    /// The policy, if no verifier can be broken by it.
    pub fn checked(self) -> Result<Self, UnsafePolicy> {
        let distinct: std::collections::BTreeSet<_> = self.algorithms.iter().collect();
        if !(1..=4).contains(&self.algorithms.len()) || distinct.len() != self.algorithms.len() {
            return Err(UnsafePolicy::Algorithms);
        }
        if !(1..=3600).contains(&self.max_age.as_secs()) {
            return Err(UnsafePolicy::MaxAge);
        }
        if self.announce < self.needed_announce() {
            return Err(UnsafePolicy::Announce(self.needed_announce()));
        }
        if self.retain < self.needed_retain() {
            return Err(UnsafePolicy::Retain(self.needed_retain()));
        }
        if self.period < self.announce + self.retain {
            return Err(UnsafePolicy::Period(self.announce + self.retain));
        }
        Ok(self)
    }

    /// P = max(M, C) + Vj + S.
    #[must_use]
    pub fn needed_announce(&self) -> Duration {
        let cache = self.max_age.max(self.verifier_cache);
        if self.margins { cache + SERVING_VIEW_AGE + SKEW } else { cache }
    }

    /// Q = Vs + L + 2S.
    #[must_use]
    pub fn needed_retain(&self) -> Duration {
        let life = self.longest_token_life;
        if self.margins { SIGNING_VIEW_AGE + life + 2 * SKEW } else { life }
    }

    /// How long after it stopped signing a key keeps its private part: Vs + S.
    #[must_use]
    pub fn destroy_after(&self) -> Duration {
        if self.margins { SIGNING_VIEW_AGE + SKEW } else { Duration::ZERO }
    }

    /// When a key that has signed since `active_since` is to be replaced: after T, give or take 5 % by a hash of its
    /// tenant, so that tenants made together do not rotate together. `spread` is that hash.
    #[must_use]
    pub fn rotation_due(&self, active_since: Timestamp, spread: u16) -> Timestamp {
        let period = self.period.as_millis();
        let tenth = period / 10;
        let shift = tenth * u128::from(spread) / u128::from(u16::MAX);
        let span = period - period / 20 + shift;
        active_since + Duration::from_millis(u64::try_from(span).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policies_are_safe() {
        for profile in Profile::ALL {
            assert!(KeyPolicy::of(profile).checked().is_ok());
        }
    }

    #[test]
    fn a_policy_that_could_break_a_verifier_names_the_figure() {
        let policy = KeyPolicy::of(Profile::Oauth21);
        let hasty = KeyPolicy { announce: Duration::from_secs(3600), ..policy.clone() };
        assert_eq!(hasty.checked(), Err(UnsafePolicy::Announce(Duration::from_secs(25 * 3600 + 60))));
        let forgetful = KeyPolicy { retain: Duration::from_secs(3600), ..policy.clone() };
        assert_eq!(forgetful.checked(), Err(UnsafePolicy::Retain(Duration::from_secs(24 * 3600 + 150))));
        let rushed = KeyPolicy { period: Duration::from_secs(48 * 3600), ..policy };
        assert_eq!(rushed.checked(), Err(UnsafePolicy::Period(Duration::from_secs(51 * 3600))));
    }

    #[test]
    fn rotations_spread_over_a_tenth_of_the_period() {
        let policy = KeyPolicy::of(Profile::Oauth21);
        let start = Timestamp::from_seconds(0);
        assert_eq!(policy.rotation_due(start, 0).seconds(), 2_592_000 * 95 / 100);
        assert_eq!(policy.rotation_due(start, u16::MAX).seconds(), 2_592_000 * 105 / 100);
    }
}

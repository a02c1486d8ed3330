//! What a deployment's key policies begin with.

use std::time::Duration;

use super::{AlgorithmRule, KeyPolicy, Margins, Rotation, UnsafePolicy};
use crate::{key_spec::RsaBits, profile::Profile, vocabulary::Algorithm};

/// What the operator of a deployment wants otherwise than [`KeyPolicy::of`] has it, for every tenant that says nothing
/// itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of `KeyPolicy`")]
pub struct UsualPolicy {
    pub algorithms: Option<Vec<Algorithm>>,
    pub rotation: Option<Rotation>,
    pub jitter_percent: Option<u8>,
    pub announce: Option<Duration>,
    pub retain: Option<Duration>,
    pub max_age: Option<Duration>,
    pub verifier_cache: Option<Duration>,
    pub longest_token_life: Option<Duration>,
    pub rsa_bits: Option<RsaBits>,
    pub rules: Vec<AlgorithmRule>,
}

impl UsualPolicy {
    /// The policy of a new tenant of that profile.
    #[must_use]
    pub fn of(&self, profile: Profile) -> KeyPolicy {
        let own = KeyPolicy::of(profile);
        KeyPolicy {
            algorithms: self.algorithms.clone().unwrap_or(own.algorithms),
            rotation: self.rotation.clone().unwrap_or(own.rotation),
            jitter_percent: self.jitter_percent.unwrap_or(own.jitter_percent),
            announce: self.announce.unwrap_or(own.announce),
            retain: self.retain.unwrap_or(own.retain),
            max_age: self.max_age.unwrap_or(own.max_age),
            verifier_cache: self.verifier_cache.unwrap_or(own.verifier_cache),
            longest_token_life: self.longest_token_life.unwrap_or(own.longest_token_life),
            rsa_bits: self.rsa_bits.unwrap_or(own.rsa_bits),
            rules: self.rules.clone(),
            ..own
        }
    }

    /// Refuses what could break a verifier, for whichever profile it would.
    pub fn check(&self, margins: &Margins) -> Result<(), UnsafePolicy> {
        Profile::ALL.iter().try_for_each(|profile| self.of(*profile).checked(margins).map(drop))
    }
}

//! Key policies of seconds, for a deployment whose replicas may lag by seconds: the formulas of the timing as they are
//! for days.

use std::time::Duration;

/// Vs and Vj: how old a view may be that signs, or that gives out a JWK Set.
pub(crate) const VIEW_AGE: Duration = Duration::from_secs(3);
/// S: how far clocks may be apart.
pub(crate) const SKEW: Duration = Duration::from_secs(1);

/// What the key policies of a deployment begin with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Haste {
    /// M: how long a JWK Set may be kept by what is served with it.
    pub(crate) max_age: Duration,
    /// C: how long the slowest verifier keeps one.
    pub(crate) verifier_cache: Duration,
    /// L: how long a token lives at the longest.
    pub(crate) token_life: Duration,
    /// What a key is announced for beyond what is needed.
    pub(crate) spare: Duration,
}

impl Haste {
    /// P.
    pub(crate) fn announce(self) -> Duration {
        self.max_age.max(self.verifier_cache) + VIEW_AGE + SKEW + self.spare
    }

    /// Q, for tokens that live for so long.
    pub(crate) fn retain(life: Duration) -> Duration {
        VIEW_AGE + life + 2 * SKEW
    }

    /// T, as short as it may be.
    pub(crate) fn period(self) -> Duration {
        self.announce() + Self::retain(self.token_life)
    }

    /// The lines of a configuration. The worker looks every second.
    pub(crate) fn config(self) -> String {
        let policy = [
            ("period", self.period()),
            ("announce", self.announce()),
            ("retain", Self::retain(self.token_life)),
            ("max_age", self.max_age),
            ("verifier_cache", self.verifier_cache),
            ("longest_token_life", self.token_life),
        ];
        let policy = policy.map(|(name, span)| format!("{name} = \"{}s\"\n", span.as_secs())).concat();
        let (view_age, skew) = (VIEW_AGE.as_secs(), SKEW.as_secs());
        format!(
            "\n[keys.timing]\nsigning_view_age = \"{view_age}s\"\nserving_view_age = \"{view_age}s\"\n\
             clock_skew = \"{skew}s\"\n\n[keys.policy]\njitter_percent = 0\n{policy}\n[worker]\n\
             rotate_keys = \"* * * * * *\"\n"
        )
    }
}

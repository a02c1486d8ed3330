//! What a deployment allows for replicas that lag and clocks that disagree.

use std::time::Duration;

/// The safety margins of key timing. They belong to the deployment, not to a tenant, and every process of it must have
/// the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins {
    /// Vs: the greatest age of a view that may sign.
    pub signing_view_age: Duration,
    /// Vj: the greatest age of a view that may serve the JWK Set.
    pub serving_view_age: Duration,
    /// S: the allowance for clocks that disagree.
    pub skew: Duration,
}

impl Margins {
    /// Those of a deployment that says nothing else: 30 s, 1 h, 60 s.
    pub const STANDARD: Self = Self {
        signing_view_age: Duration::from_secs(30),
        serving_view_age: Duration::from_secs(3600),
        skew: Duration::from_secs(60),
    };

    /// None: for one process on one machine, `chancery dev`, so that a policy of seconds can be tried.
    pub const NONE: Self =
        Self { signing_view_age: Duration::ZERO, serving_view_age: Duration::ZERO, skew: Duration::ZERO };

    /// Whether they count at all.
    #[must_use]
    pub fn count(&self) -> bool {
        *self != Self::NONE
    }

    /// How long after it stopped signing a key keeps its private part: Vs + S.
    #[must_use]
    pub fn destroy_after(&self) -> Duration {
        self.signing_view_age + self.skew
    }
}

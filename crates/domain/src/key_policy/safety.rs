//! The formulas: a policy that could break a verifier is refused, with the figure that would be needed.

use std::time::Duration;

use super::{KeyPolicy, Margins, Rotation};
use crate::vocabulary::Algorithm;

/// How many algorithms a tenant may keep keys for.
const MOST_ALGORITHMS: usize = 4;
/// How far rotations may be moved apart, in percent.
const MOST_JITTER: u8 = 20;

/// A policy that could break a verifier, or that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct UnsafePolicy {
    /// The rule that it stands in; none for the policy's own figures.
    pub rule: Option<Algorithm>,
    /// What is wrong.
    pub what: Unsafety,
}

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsafety {
    /// No algorithm, or one twice.
    #[error("algorithms must hold one to four different algorithms")]
    Algorithms,
    /// A rule for an algorithm that the policy does not name, or two for one.
    #[error("each rule must be for an algorithm of the policy, and for each there may be one")]
    Rules,
    /// M is out of range.
    #[error("max_age must be from 1 s to 1 h")]
    MaxAge,
    /// L is out of range.
    #[error("longest_token_life must be from 1 s to 24 h")]
    LongestTokenLife,
    /// Tenants are moved too far apart.
    #[error("jitter_percent must be from 0 to 20")]
    Jitter,
    /// P is too short.
    #[error("announce must be at least {} s: the longer of max_age and verifier_cache, plus the view age and the clock skew", .0.as_secs())]
    Announce(Duration),
    /// Q is too short.
    #[error("retain must be at least {} s: longest_token_life plus the signing view age and twice the clock skew", .0.as_secs())]
    Retain(Duration),
    /// T is too short.
    #[error("period must be at least {} s: announce plus retain", .0.as_secs())]
    Period(Duration),
    /// The expression cannot be read, or names no date.
    #[error("cron must be a cron expression of five fields, or of six of which the first is the second: {0}")]
    Cron(String),
    /// The time zone is not known.
    #[error("time_zone must be a name of the IANA time zone database, such as Europe/Vienna")]
    Zone,
    /// Two dates of the time table lie too close together.
    #[error("cron must leave at least {} s between two dates, announce plus retain; it leaves {} s once", .least.as_secs(), .found.as_secs())]
    Dates {
        /// What is needed.
        least: Duration,
        /// What was found.
        found: Duration,
    },
}

impl From<Unsafety> for UnsafePolicy {
    fn from(what: Unsafety) -> Self {
        Self { rule: None, what }
    }
}

impl KeyPolicy {
    /// The policy, if no verifier can be broken by its figures. Time tables are the keys room's to check.
    pub fn checked(self, margins: &Margins) -> Result<Self, UnsafePolicy> {
        let whole = |algorithms: &[Algorithm]| {
            let distinct: std::collections::BTreeSet<_> = algorithms.iter().collect();
            (1..=MOST_ALGORITHMS).contains(&algorithms.len()) && distinct.len() == algorithms.len()
        };
        if !whole(&self.algorithms) {
            return Err(Unsafety::Algorithms.into());
        }
        let ruled: Vec<_> = self.rules.iter().map(|rule| rule.algorithm).collect();
        if !ruled.iter().all(|algorithm| self.algorithms.contains(algorithm)) || !(ruled.is_empty() || whole(&ruled)) {
            return Err(Unsafety::Rules.into());
        }
        if !(1..=3600).contains(&self.max_age.as_secs()) {
            return Err(Unsafety::MaxAge.into());
        }
        if !(1..=86_400).contains(&self.longest_token_life.as_secs()) {
            return Err(Unsafety::LongestTokenLife.into());
        }
        if self.retain < self.needed_retain(margins) {
            return Err(Unsafety::Retain(self.needed_retain(margins)).into());
        }
        self.check_figures(margins, None)?;
        for rule in &self.rules {
            self.check_figures(margins, Some(rule.algorithm))?;
        }
        Ok(self)
    }

    /// The figures that an algorithm may have of its own, or those of the policy itself.
    fn check_figures(&self, margins: &Margins, rule: Option<Algorithm>) -> Result<(), UnsafePolicy> {
        let (rotation, announce, jitter) = match rule {
            None => (&self.rotation, self.announce, self.jitter_percent),
            Some(one) => (self.rotation_of(one), self.announce_of(one), self.jitter_of(one)),
        };
        let refused = |what| Err(UnsafePolicy { rule, what });
        if jitter > MOST_JITTER {
            return refused(Unsafety::Jitter);
        }
        if announce < self.needed_announce(margins) {
            return refused(Unsafety::Announce(self.needed_announce(margins)));
        }
        match rotation {
            Rotation::Every(period) if *period < announce + self.retain => {
                refused(Unsafety::Period(announce + self.retain))
            }
            Rotation::Every(_) | Rotation::At(_) => Ok(()),
        }
    }

    /// P = max(M, C) + Vj + S.
    #[must_use]
    pub fn needed_announce(&self, margins: &Margins) -> Duration {
        self.max_age.max(self.verifier_cache) + margins.serving_view_age + margins.skew
    }

    /// Q = Vs + L + 2S.
    #[must_use]
    pub fn needed_retain(&self, margins: &Margins) -> Duration {
        margins.signing_view_age + self.longest_token_life + 2 * margins.skew
    }
}

//! Re-wrapping: every tenant's own key moves from older master keys to the one that seals now.
//!
//! There is one re-wrap at a time, and what it has done is seen in the rows themselves: how many are sealed under which
//! master key. So it can be paused, killed and taken up again at any row.

mod fields;

pub use self::fields::MasterKeyField;
use crate::{fault::IllegalMove, id::MasterKeyId, principal::Principal, time::Timestamp, version::Version};

/// The re-wrap, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrap {
    /// The master key that all tenants' keys come under.
    pub target: MasterKeyId,
    /// Whether it goes on; moves by methods only.
    state: RewrapState,
    /// Who started it.
    pub started_by: Principal,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it last moved anything, or was paused, resumed or finished.
    pub updated_at: Timestamp,
    /// Counts the times that it was written; [`Self::UNWRITTEN`] before the first.
    pub version: Version,
}

/// Whether a re-wrap goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewrapState {
    /// Workers are at it.
    Running,
    /// Nothing moves until it is resumed.
    Paused,
    /// Everything that opens is sealed under the target.
    Done,
}

impl RewrapState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Running, Self::Paused, Self::Done];

    /// The name of the state.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
        }
    }
}

/// Why a re-wrap cannot be started: there is another that is not over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a re-wrap to {target} is {}", .state.label())]
pub struct Unfinished {
    /// What the other one moves keys to.
    pub target: MasterKeyId,
    /// Whether it goes on.
    pub state: RewrapState,
}

impl Rewrap {
    /// The version of a re-wrap where there has been none before.
    pub const UNWRITTEN: Version = Version::new(0);

    /// A new re-wrap in place of the last one, if there was one. One that is paused half-way may be given up for
    /// another target, which is how a change of master keys is taken back; for the same target it is to be resumed.
    pub fn start(last: Option<&Self>, target: MasterKeyId, by: Principal, now: Timestamp) -> Result<Self, Unfinished> {
        if let Some(last) = last {
            let unfinished = match last.state {
                RewrapState::Running => true,
                RewrapState::Paused => last.target == target,
                RewrapState::Done => false,
            };
            if unfinished {
                return Err(Unfinished { target: last.target.clone(), state: last.state });
            }
        }
        let version = last.map_or(Self::UNWRITTEN, |last| last.version);
        Ok(Self { target, state: RewrapState::Running, started_by: by, started_at: now, updated_at: now, version })
    }

    /// A re-wrap as its row tells it.
    #[must_use]
    pub fn stored_as(self, state: RewrapState, updated_at: Timestamp, version: Version) -> Self {
        Self { state, updated_at, version, ..self }
    }

    /// The state it is in.
    #[must_use]
    pub const fn state(&self) -> RewrapState {
        self.state
    }

    /// Whether workers that seal under that key are to go on with it.
    #[must_use]
    pub fn goes_on_under(&self, sealing: &MasterKeyId) -> bool {
        self.state == RewrapState::Running && self.target == *sealing
    }

    /// Stops, to be resumed.
    pub fn pause(self, now: Timestamp) -> Result<Self, IllegalMove> {
        self.step(RewrapState::Running, RewrapState::Paused, now)
    }

    /// Goes on.
    pub fn resume(self, now: Timestamp) -> Result<Self, IllegalMove> {
        self.step(RewrapState::Paused, RewrapState::Running, now)
    }

    /// Is over.
    pub fn finish(self, now: Timestamp) -> Result<Self, IllegalMove> {
        self.step(RewrapState::Running, RewrapState::Done, now)
    }

    fn step(self, from: RewrapState, to: RewrapState, now: Timestamp) -> Result<Self, IllegalMove> {
        if self.state != from {
            return Err(IllegalMove { from: self.state.label(), to: to.label() });
        }
        Ok(Self { state: to, updated_at: now, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> MasterKeyId {
        name.parse().expect("a name")
    }

    fn started(last: Option<&Rewrap>, target: &str) -> Result<Rewrap, Unfinished> {
        let by = Principal::Client("ops".parse().expect("an id"));
        Rewrap::start(last, key(target), by, Timestamp::from_seconds(1))
    }

    #[test]
    fn there_is_one_at_a_time() {
        let now = Timestamp::from_seconds(2);
        let running = started(None, "m2").expect("the first");
        assert!(running.goes_on_under(&key("m2")) && !running.goes_on_under(&key("m1")));
        assert!(started(Some(&running), "m2").is_err() && started(Some(&running), "m1").is_err());

        let paused = running.clone().pause(now).expect("pauses");
        assert!(!paused.goes_on_under(&key("m2")) && paused.clone().pause(now).is_err());
        assert_eq!(started(Some(&paused), "m2").map_err(|error| error.state), Err(RewrapState::Paused));
        assert!(started(Some(&paused), "m1").is_ok(), "the change is taken back");

        let done = paused.resume(now).expect("resumes").finish(now).expect("finishes");
        assert!(done.clone().resume(now).is_err() && done.clone().finish(now).is_err());
        assert!(started(Some(&done), "m2").is_ok(), "what was damaged may have been mended");
    }
}

//! A count of the signing keys of all tenants, for whoever watches over them.

use crate::{time::Timestamp, vocabulary::Algorithm};

/// How the keys of all tenants stand. Deleted tenants and purged keys do not count: nobody looks after them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyCensus {
    /// One for each state and algorithm of which there is a key.
    pub counts: Vec<KeyCount>,
    /// When the keys of the first tenant want to be looked at. In the past while some are waiting.
    pub next_due: Option<Timestamp>,
    /// The tenants whose keys have wanted to be looked at since before the time that was asked for.
    pub overdue: u64,
}

/// The keys of one state and algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyCount {
    /// The state's label: see [`KeyState::LABELS`](crate::key::KeyState::LABELS).
    pub state: &'static str,
    /// What they sign with.
    pub algorithm: Algorithm,
    /// How many there are.
    pub keys: u64,
    /// Since when the oldest of them signs; of active keys alone.
    pub active_since: Option<Timestamp>,
}

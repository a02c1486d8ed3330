//! What a stream may cost.

use std::time::Duration;

/// The limits of streams: of changes, of the audit as it grows, and of what is exported of it.
#[derive(Clone, Copy, Debug)]
pub struct WatchLimits {
    /// How long a stream is silent at most.
    pub heartbeat: Duration,
    /// How long answers may wait to be read before the stream is closed.
    pub unread: Duration,
    /// How long a stream lives.
    pub life: Duration,
    /// How often it is looked at whether the caller may still watch.
    pub recheck: Duration,
    /// How many streams a caller may have in one process.
    pub per_caller: usize,
}

impl Default for WatchLimits {
    /// What the contract promises.
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            unread: Duration::from_secs(60),
            life: Duration::from_secs(3600),
            recheck: Duration::from_secs(3),
            per_caller: 16,
        }
    }
}

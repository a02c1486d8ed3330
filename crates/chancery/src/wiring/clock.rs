//! Time: the system's clock, set to the database's.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use chancery_domain::time::{Clock, Timestamp};

/// The clock of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes in")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The clock of the database: that of this machine with the offset last seen, so that replicas agree on the time.
#[derive(Debug, Default)]
pub(crate) struct DatabaseClock {
    offset_millis: AtomicI64,
    is_own: bool,
}

impl DatabaseClock {
    /// A clock that trusts this machine until told better.
    #[must_use]
    pub(crate) const fn new() -> Self {
        Self { offset_millis: AtomicI64::new(0), is_own: false }
    }

    /// A clock for an embedded database, whose time is this machine's.
    #[must_use]
    pub(crate) const fn embedded() -> Self {
        Self { offset_millis: AtomicI64::new(0), is_own: true }
    }

    /// Whether the database has no clock but this machine's.
    #[must_use]
    pub(crate) const fn is_own(&self) -> bool {
        self.is_own
    }

    /// Sets it to what the database said; `before` and `after` are this machine's time around the question. The offset
    /// is only changed by more than the question's own uncertainty, so that the clock does not tremble.
    pub(crate) fn set(&self, database: Timestamp, before: Timestamp, after: Timestamp) {
        let middle = before.millis() + (after.millis() - before.millis()) / 2;
        let offset = database.millis() - middle;
        let uncertainty = (after.millis() - before.millis()) / 2 + 5;
        if (offset - self.offset_millis.load(Ordering::Relaxed)).abs() > uncertainty {
            self.offset_millis.store(offset, Ordering::Relaxed);
        }
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().millis() + self.offset_millis.load(Ordering::Relaxed))
    }
}

//! The pace of a long piece of work: a short burst at full speed, then mostly rest, and an end before the time is up.
//!
//! Whatever falls due for a few tenants is done at once. When thousands are due together, requests go first: the work
//! does one thing at a time and rests six times as long as it worked. That is a seventh of one core, which leaves room
//! for what hangs on it, such as the views that replicas read anew: the process as a whole stays below a fifth.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// How many things a run does at full speed.
const BURST: u32 = 64;
/// For how long it does so at most.
const BURST_FOR: Duration = Duration::from_secs(1);
/// For how long things of one batch are begun, should they be slow.
const BATCH_FOR: Duration = Duration::from_secs(1);
/// How long a rest is, as a multiple of the work before it.
const REST: u32 = 6;
/// When a run ends though there is more to do: early enough that what has begun is done within the task's limit. The
/// next wake goes on.
const RUN_FOR: Duration = Duration::from_secs(45);

/// How much is done before the next look at the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// How many things.
    pub(crate) size: u32,
    /// How many of them at a time.
    pub(crate) at_once: usize,
}

const FULL: Batch = Batch { size: 16, at_once: 4 };
const SLOW: Batch = Batch { size: 8, at_once: 1 };

/// One run.
pub(crate) struct Pace {
    began: Instant,
    batch_began: Instant,
    batch: Batch,
    done: u32,
}

impl Pace {
    pub(crate) fn begin() -> Self {
        let now = Instant::now();
        Self { began: now, batch_began: now, batch: FULL, done: 0 }
    }

    /// What to do next; `None` when the time is up.
    pub(crate) fn next(&mut self) -> Option<Batch> {
        if self.began.elapsed() >= RUN_FOR {
            return None;
        }
        let is_burst = self.done < BURST && self.began.elapsed() < BURST_FOR;
        (self.batch_began, self.batch) = (Instant::now(), if is_burst { FULL } else { SLOW });
        Some(self.batch)
    }

    /// Whether more of the batch may be begun.
    pub(crate) fn has_time(&self) -> bool {
        self.batch_began.elapsed() < BATCH_FOR
    }

    /// Rests after a batch of that many, as long as is due: after the burst not at all. Being stopped ends the rest.
    pub(crate) async fn rest(&mut self, done: u32, stop: &CancellationToken) {
        self.done = self.done.saturating_add(done);
        if self.batch == FULL {
            return;
        }
        let rest = (self.batch_began.elapsed() * REST).min(RUN_FOR.saturating_sub(self.began.elapsed()));
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(rest) => {}
        }
    }
}

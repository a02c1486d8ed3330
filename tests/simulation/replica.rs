//! A replica: what it knows, how old that is, and whether it answers.

use std::time::Duration;

use chancery_domain::{key_policy::VIEW_REFRESH, time::Timestamp};
use rand::{RngExt, rngs::StdRng};

use crate::outages::Spans;

/// A process with a front.
pub(crate) struct Replica {
    /// How far its clock is off, in milliseconds.
    offset: i64,
    /// When within each refresh it reads the feed.
    phase: i64,
    /// Killed, or frozen with SIGSTOP: it neither reads nor answers, and a frozen one wakes with the view of before.
    away: Spans,
    /// Cut off from the database: it answers and cannot read.
    cut: Spans,
}

impl Replica {
    pub(crate) fn new(random: &mut StdRng, from: Timestamp, until: Timestamp) -> Self {
        const DAY: i64 = 86_400;
        Self {
            // A replica that is off by more than 30 s is not ready.
            offset: random.random_range(-20_000..=20_000),
            phase: random.random_range(0..5_000),
            away: Spans::scattered(random, from, until, 2 * DAY, 1, 6 * 3600),
            cut: Spans::scattered(random, from, until, 4 * DAY, 1, 60 * 3600),
        }
    }

    /// Whether it answers.
    pub(crate) fn answers(&self, now: Timestamp) -> bool {
        !self.away.hold(now)
    }

    /// The moment by its own clock.
    pub(crate) fn clock(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.millis() + self.offset)
    }

    /// When it last read the feed to its end. Notifications are lost, so nothing but this refreshes its view.
    pub(crate) fn last_read(&self, now: Timestamp, stalls: &Spans) -> Timestamp {
        let refresh = i64::try_from(VIEW_REFRESH.as_millis()).expect("seconds");
        let mut moment = now;
        loop {
            let read = moment.millis() - (moment.millis() - self.phase).rem_euclid(refresh);
            let read = Timestamp::from_millis(read);
            let blocked = [&self.away, &self.cut, stalls].into_iter().find_map(|spans| spans.around(read));
            match blocked {
                None => return read,
                Some((begin, _)) => moment = begin - Duration::from_millis(1),
            }
        }
    }
}

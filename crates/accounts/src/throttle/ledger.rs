//! The counters themselves, bounded in number.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use chancery_domain::{id::TenantId, time::Timestamp};

use super::{Account, Limit};

/// A source stays known to an account for so long after it last signed in.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 86_400);

/// What is counted, within one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) tenant: TenantId,
    pub(super) who: Who,
}

/// Whose failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// An account's, from wherever.
    Account(Account),
    /// A source's, whatever the account.
    Source(IpAddr),
    /// An account's, from a source that has signed in to it.
    Known(Account, IpAddr),
    /// A client's, from one source.
    Client(Account, IpAddr),
    /// Those at the codes of devices, from one source.
    CodesFrom(IpAddr),
    /// Those at the tokens of clients that registered themselves, from one source.
    RegistrationsFrom(IpAddr),
    /// Those at the codes of devices, from wherever.
    Codes,
}

/// One counter.
#[derive(Debug)]
struct Counter {
    failures: u32,
    /// When it was last counted or, for a known source, when it last signed in.
    last: Timestamp,
    /// When the next attempt is let through.
    until: Timestamp,
    /// When nothing of it matters any more.
    expires: Timestamp,
}

/// All counters.
#[derive(Debug)]
pub(super) struct Ledger {
    counters: HashMap<Key, Counter>,
    most: usize,
}

impl Ledger {
    pub(super) fn new(most: usize) -> Self {
        Self { counters: HashMap::new(), most: most.max(4) }
    }

    /// How long there is still to wait.
    pub(super) fn wait(&self, key: &Key, now: Timestamp) -> Duration {
        self.counters.get(key).map_or(Duration::ZERO, |counter| counter.until.since(now))
    }

    /// How many failures are remembered.
    pub(super) fn failures(&self, key: &Key, now: Timestamp) -> u32 {
        self.counters.get(key).filter(|counter| now < counter.expires).map_or(0, |counter| counter.failures)
    }

    /// Counts one failure more.
    pub(super) fn count(&mut self, key: Key, limit: &Limit, now: Timestamp) {
        self.make_room(now);
        let counter = self.counters.entry(key).or_insert(Counter { failures: 0, last: now, until: now, expires: now });
        if now.since(counter.last) >= limit.forget {
            counter.failures = 0;
        }
        counter.failures = counter.failures.saturating_add(1);
        counter.last = now;
        counter.until = now + limit.delay(counter.failures);
        counter.expires = counter.expires.max(now + limit.forget);
    }

    /// One failure less.
    pub(super) fn take_back(&mut self, key: &Key, limit: &Limit) {
        if let Some(counter) = self.counters.get_mut(key) {
            counter.failures = counter.failures.saturating_sub(1);
            counter.until = counter.last + limit.delay(counter.failures);
        }
    }

    /// No failures at all.
    pub(super) fn forget(&mut self, key: &Key) {
        self.counters.remove(key);
    }

    /// Whether that source has signed in to that account not long ago.
    pub(super) fn is_known(&self, key: &Key, now: Timestamp) -> bool {
        self.counters.get(key).is_some_and(|counter| now < counter.expires)
    }

    /// It signed in.
    pub(super) fn know(&mut self, key: Key, now: Timestamp) {
        self.make_room(now);
        self.counters.insert(key, Counter { failures: 0, last: now, until: now, expires: now + KNOWN_FOR });
    }

    /// Keeps the number of counters within its bound. Making room for a quarter at a time keeps the cost of one
    /// attempt small however many there are.
    fn make_room(&mut self, now: Timestamp) {
        if self.counters.len() < self.most {
            return;
        }
        self.counters.retain(|_, counter| now < counter.expires);
        let keep = self.most / 4 * 3;
        if self.counters.len() > keep {
            let mut ages: Vec<_> = self.counters.values().map(|counter| counter.last).collect();
            let surplus = ages.len() - keep;
            let (_, oldest_kept, _) = ages.select_nth_unstable(surplus);
            let oldest_kept = *oldest_kept;
            self.counters.retain(|_, counter| counter.last > oldest_kept);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.counters.len()
    }
}

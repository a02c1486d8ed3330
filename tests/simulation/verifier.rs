//! A verifier: a JWK Set in a cache, a clock that is a little off, and no second chance on an unknown `kid`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chancery_domain::time::Timestamp;
use rand::{RngExt, rngs::StdRng};

use crate::deployment::Snapshot;

/// S: what the leeway and the error of a clock may be together.
const LEEWAY: Duration = Duration::from_secs(60);
/// How long verifiers keep a JWK Set, in seconds: from not at all to the slowest honest one.
const CACHES: [u64; 8] = [0, 60, 300, 3600, 4 * 3600, 12 * 3600, 20 * 3600, 24 * 3600];

/// Somebody who verifies.
pub(crate) struct Verifier {
    cache: Duration,
    /// How far its clock is off, in milliseconds.
    skew: i64,
    /// By tenant: when it was fetched, and what.
    sets: BTreeMap<usize, (Timestamp, Arc<Snapshot>)>,
}

impl Verifier {
    pub(crate) fn new(place: usize, random: &mut StdRng) -> Self {
        let cache = Duration::from_secs(CACHES[place % CACHES.len()]);
        Self { cache, skew: random.random_range(-60_000..=60_000), sets: BTreeMap::new() }
    }

    /// The last moment at which it takes a token of that expiry: a slow clock and leeway together stay within S.
    pub(crate) fn last_moment(&self, expires: Timestamp) -> Timestamp {
        if self.skew > 0 {
            expires + LEEWAY - Duration::from_millis(self.skew.unsigned_abs())
        } else {
            expires + LEEWAY
        }
    }

    /// What it has of that tenant, if it need not ask again.
    pub(crate) fn known(&self, tenant: usize, slowest: Duration, now: Timestamp) -> Option<&Arc<Snapshot>> {
        let (fetched, set) = self.sets.get(&tenant)?;
        (now.since(*fetched) < self.cache.min(slowest)).then_some(set)
    }

    /// Takes what it was given; it was on its way for a while.
    pub(crate) fn keep(&mut self, tenant: usize, received: Timestamp, set: Arc<Snapshot>) {
        self.sets.insert(tenant, (received, set));
    }
}

//! For tests only: a clock that stands still until told, chance from a seed, fakes of the ports, and builders of
//! ordinary things.

pub mod builders;
pub mod certificates;
pub mod client_jose;
pub mod directory;
pub mod jose;
pub mod memory;
pub mod postgres;
pub mod reference;
pub mod web;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;

use chancery_domain::{
    random::Random,
    time::{Clock, Timestamp},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

/// A clock that moves only when a test moves it.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// A clock that begins at noon of 1 March 2026.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicI64::new(1_772_366_400_000))
    }

    /// Moves the clock on.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Moves the clock back, as if another replica had to tell the time.
    pub fn rewind(&self, span: Duration) {
        self.0.fetch_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that repeats with its seed.
#[derive(Debug)]
pub struct SeededRandom(Mutex<StdRng>);

impl SeededRandom {
    /// Chance of that seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(buffer);
    }
}

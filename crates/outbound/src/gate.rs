//! Turns: how many calls run at once, over all and to one place.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chancery_domain::ports::outbound::OutboundError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many calls run at once.
const RUNNING: usize = 64;
/// How many of them to one place.
const TO_ONE_PLACE: usize = 4;
/// How many calls there may be at all, running and waiting.
const SEATS: usize = 512;
/// From how many places on the idle ones are forgotten.
const PLACES: usize = 128;

/// The gate that every call goes through. A place that is slow fills its own turns and nobody else's.
pub(crate) struct Gate {
    seats: Arc<Semaphore>,
    running: Arc<Semaphore>,
    places: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _running: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
    _seat: OwnedSemaphorePermit,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(SEATS)),
            running: Arc::new(Semaphore::new(RUNNING)),
            places: Mutex::default(),
        }
    }
}

impl Gate {
    /// Waits for a turn at that place. Where too many wait already, there is none.
    pub(crate) async fn enter(&self, place: &str) -> Result<Turn, OutboundError> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().map_err(|_| OutboundError::TooSlow)?;
        // First the place and then the rest: who waits for a slow place must not hold what others could use.
        let at_place = self.place(place).acquire_owned().await.map_err(|_| OutboundError::TooSlow)?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| OutboundError::TooSlow)?;
        Ok(Turn { _running: running, _place: at_place, _seat: seat })
    }

    fn place(&self, place: &str) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= PLACES {
            // A turn and whoever waits for one hold on to it; what only the map holds is idle.
            places.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        Arc::clone(places.entry(place.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(TO_ONE_PLACE))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_slow_place_fills_its_own_turns_alone() {
        let gate = Gate::default();
        let mut slow = Vec::new();
        for _ in 0..TO_ONE_PLACE {
            slow.push(gate.enter("slow.example:443").await.expect("a turn"));
        }
        let waits = timeout(Duration::from_millis(20), gate.enter("slow.example:443"));
        assert!(waits.await.is_err(), "the place is full");
        gate.enter("other.example:443").await.expect("a turn elsewhere");
        slow.pop();
        gate.enter("slow.example:443").await.expect("a turn that came free");
    }

    #[tokio::test]
    async fn idle_places_are_forgotten() {
        let gate = Gate::default();
        let held = gate.enter("held.example:443").await.expect("a turn");
        for place in 0..10 * PLACES {
            gate.enter(&format!("{place}.example:443")).await.expect("a turn");
        }
        let places = gate.places.lock().expect("sound");
        assert!(places.len() <= PLACES && places.contains_key("held.example:443"));
        drop(held);
    }

    #[tokio::test]
    async fn too_many_calls_are_turned_away_at_once() {
        let gate = Gate::default();
        let all =
            Arc::clone(&gate.seats).try_acquire_many_owned(u32::try_from(SEATS).expect("few")).expect("all seats");
        assert_eq!(gate.enter("a.example:443").await.expect_err("full"), OutboundError::TooSlow);
        drop(all);
        gate.enter("a.example:443").await.expect("a turn");
    }
}

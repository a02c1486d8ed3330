//! Turns that are counted for each of many.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// From how many on the idle ones are forgotten.
const REMEMBERED: usize = 128;

/// So many turns for each, whoever they are.
#[derive(Debug)]
pub(crate) struct Turns<K> {
    each: usize,
    of: Mutex<HashMap<K, Arc<Semaphore>>>,
}

impl<K: Clone + Eq + Hash> Turns<K> {
    pub(crate) fn new(each: usize) -> Self {
        Self { each, of: Mutex::default() }
    }

    /// A turn at once, if one is free.
    pub(crate) fn take(&self, whose: &K) -> Option<OwnedSemaphorePermit> {
        self.of(whose).try_acquire_owned().ok()
    }

    /// A turn, as soon as one is free. Nobody closes these, so there always comes one.
    pub(crate) async fn wait(&self, whose: &K) -> Option<OwnedSemaphorePermit> {
        self.of(whose).acquire_owned().await.ok()
    }

    fn of(&self, whose: &K) -> Arc<Semaphore> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if of.len() >= REMEMBERED && !of.contains_key(whose) {
            // A turn and whoever waits for one hold on to it; what only the map holds is idle.
            of.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        Arc::clone(of.entry(whose.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.each))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn t300_whoever_is_idle_is_forgotten() {
        let turns = Turns::new(2);
        let held = turns.take(&0).expect("a turn");
        for whose in 1..10 * REMEMBERED {
            drop(turns.wait(&whose).await.expect("a turn"));
        }
        assert!(turns.of.lock().expect("sound").len() <= REMEMBERED);
        let _second = turns.take(&0).expect("a turn");
        assert!(turns.take(&0).is_none(), "what is held still counts");
        drop(held);
        assert!(turns.take(&0).is_some());
    }
}

//! The gate: so many passwords are hashed at once, so many wait, and the rest is told at once to come again.

use std::sync::Arc;

use chancery_domain::{
    fault::Fault,
    random::{self, Random},
    secret::Secret,
    user::PasswordHash,
};
use tokio::sync::Semaphore;

use super::{
    LONGEST,
    cost::{self, Cost},
};

/// Hashes and verifies passwords on threads where it hurts nobody, within bounds of memory and processor.
///
/// Memory is at most `concurrent` times [`Cost::memory`]. A caller that goes away does not free its place before the
/// work is done, so the bounds hold against callers that hang up.
#[derive(Debug)]
pub struct PasswordGate {
    /// Places inside, at work or waiting.
    places: Arc<Semaphore>,
    /// Turns at work.
    turns: Arc<Semaphore>,
    cost: Cost,
}

/// Why the gate did not answer.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// As many as may wait are waiting.
    #[error("too many passwords are being checked")]
    Busy,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl PasswordGate {
    /// A gate that works on `concurrent` passwords at once (at least one) and lets `queue` more wait.
    #[must_use]
    pub fn new(concurrent: usize, queue: usize, cost: Cost) -> Self {
        let concurrent = concurrent.clamp(1, Semaphore::MAX_PERMITS / 2);
        let places = concurrent + queue.min(Semaphore::MAX_PERMITS / 2);
        Self { places: Arc::new(Semaphore::new(places)), turns: Arc::new(Semaphore::new(concurrent)), cost }
    }

    /// The hash of a new password, under a random salt.
    pub async fn hash(&self, password: &Secret, random: &dyn Random) -> Result<PasswordHash, GateError> {
        let (cost, password, salt) = (self.cost, password.clone(), random::bytes::<16>(random));
        self.run(move || cost.hash(&password, &salt)).await
    }

    /// Whether the password is the one that was hashed.
    ///
    /// Without a hash the same work is done and the answer is no, so that an unknown user takes as long as a wrong
    /// password. A password beyond [`LONGEST`] is wrong, and takes as long too.
    pub async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<bool, GateError> {
        // Its length alone is looked at here.
        let fits = password.expose().len() <= LONGEST;
        let password = if fits { password.clone() } else { Secret::new(String::new()) };
        let (hash, may_match) = match hash {
            Some(hash) => (hash.clone(), fits),
            None => (self.cost.dummy()?, false),
        };
        self.run(move || cost::verify(&password, &hash)).await.map(|right| right && may_match)
    }

    /// Does the work on a thread for blocking, when its turn comes. Place and turn travel with the work.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, GateError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| GateError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|error| Fault::broken("the password gate is closed", error))?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, place));
            result
        });
        Ok(done.await.map_err(|error| Fault::broken("hashing a password was cut off", error))??)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    };

    use chancery_testkit::SeededRandom;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_right_password_passes() {
        let gate = PasswordGate::new(1, 1, Cost::LEAST);
        let hash = gate.hash(&secret("correct horse"), &SeededRandom::new(1)).await.expect("hashes");
        assert!(gate.verify(&secret("correct horse"), Some(&hash)).await.expect("verifies"));
        assert!(!gate.verify(&secret("wrong horse"), Some(&hash)).await.expect("verifies"));
        assert!(!gate.verify(&secret("correct horse"), None).await.expect("verifies"));
        assert!(!gate.verify(&secret(&"x".repeat(LONGEST + 1)), Some(&hash)).await.expect("verifies"));
    }

    #[tokio::test]
    async fn an_empty_password_never_stands_in_for_a_long_one() {
        let gate = PasswordGate::new(1, 1, Cost::LEAST);
        let hash = gate.hash(&secret(""), &SeededRandom::new(1)).await.expect("hashes");
        assert!(!gate.verify(&secret(&"x".repeat(LONGEST + 1)), Some(&hash)).await.expect("verifies"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn beyond_the_queue_the_answer_is_busy_at_once() {
        let gate = Arc::new(PasswordGate::new(2, 3, Cost::LEAST));
        let (hold, at_work) = (Arc::new(Barrier::new(3)), Arc::new(AtomicUsize::new(0)));
        let callers: Vec<_> = (0..5)
            .map(|_| {
                let (gate, hold, at_work) = (Arc::clone(&gate), Arc::clone(&hold), Arc::clone(&at_work));
                tokio::spawn(async move {
                    let work = move || {
                        if at_work.fetch_add(1, Ordering::SeqCst) < 2 {
                            hold.wait();
                        }
                        Ok(())
                    };
                    gate.run(work).await
                })
            })
            .collect();
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(gate.verify(&secret("x"), None).await, Err(GateError::Busy)));
        assert!(at_work.load(Ordering::SeqCst) <= 2);
        tokio::task::spawn_blocking(move || hold.wait()).await.expect("released");
        for caller in callers {
            caller.await.expect("ran").expect("passed the gate");
        }
        assert!(!gate.verify(&secret("x"), None).await.expect("free again"));
    }
}

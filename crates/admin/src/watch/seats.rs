//! How many streams each caller has.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::status::{Reason, Refusal};

/// The seats that are taken, by caller.
#[derive(Clone)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<String, usize>>>,
    per_caller: usize,
}

/// A seat; free again when dropped.
pub(super) struct Seat {
    taken: Arc<Mutex<HashMap<String, usize>>>,
    caller: String,
}

impl Seats {
    /// So many for each caller.
    pub(super) fn new(per_caller: usize) -> Self {
        Self { taken: Arc::default(), per_caller }
    }

    /// A seat for that caller, if one is left.
    pub(super) fn take(&self, caller: String) -> Result<Seat, Refusal> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(caller.clone()).or_default();
        if *count >= self.per_caller {
            let most = self.per_caller;
            let refusal = Refusal::new(Reason::TooManyWatches, format!("a caller may have {most} streams at a time"));
            return Err(refusal.with("limit", most.to_string()));
        }
        *count += 1;
        Ok(Seat { taken: Arc::clone(&self.taken), caller })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_that_is_left_is_free_again_and_callers_do_not_share() {
        let seats = Seats::new(1);
        let first = seats.take("ann".to_owned()).map_err(drop).expect("free");
        assert!(seats.take("ann".to_owned()).is_err());
        assert!(seats.take("bob".to_owned()).is_ok());
        drop(first);
        assert!(seats.take("ann".to_owned()).is_ok());
        assert!(seats.taken.lock().expect("sound").is_empty());
    }
}

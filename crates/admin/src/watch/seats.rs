//! How many streams each caller has, of whatever call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chancery_domain::principal::Principal;

use crate::status::{Reason, Refusal};

/// The seats that are taken, by caller. Each process counts for itself.
#[derive(Clone, Debug, Default)]
pub struct Seats {
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// A seat; free again when dropped.
pub(crate) struct Seat {
    taken: Arc<Mutex<HashMap<String, usize>>>,
    caller: String,
}

impl Seats {
    /// A seat for that caller, if one of so many is left.
    pub(crate) fn take(&self, caller: &Principal, most: usize) -> Result<Seat, Refusal> {
        let caller = caller.to_string();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(caller.clone()).or_default();
        if *count >= most {
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
        let seats = Seats::default();
        let [ann, bob] = ["clients/ann", "clients/bob"].map(|caller| caller.parse().expect("a principal"));
        let first = seats.take(&ann, 1).map_err(drop).expect("free");
        assert!(seats.take(&ann, 1).is_err());
        assert!(seats.take(&bob, 1).is_ok());
        drop(first);
        assert!(seats.take(&ann, 1).is_ok());
        assert!(seats.taken.lock().expect("sound").is_empty());
    }
}

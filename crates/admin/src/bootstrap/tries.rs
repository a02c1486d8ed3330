//! How often somebody may try: the token cannot be guessed, but each try costs the store a transaction.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chancery_domain::time::Timestamp;

/// So many tries from one address are allowed in [`WINDOW`].
const MOST: u32 = 5;
/// How long tries count.
const WINDOW: Duration = Duration::from_secs(60);
/// So many addresses are remembered; beyond that, newcomers wait.
const ADDRESSES: usize = 1024;

/// The tries of the last minute, by address. Each process counts for itself.
#[derive(Debug, Default)]
pub struct Tries(Mutex<HashMap<IpAddr, (Timestamp, u32)>>);

impl Tries {
    /// Counts a try from that address; `false` when it is one too many.
    pub(super) fn admit(&self, address: IpAddr, now: Timestamp) -> bool {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !tries.contains_key(&address) && tries.len() >= ADDRESSES {
            tries.retain(|_, (began, _)| now < *began + WINDOW);
            if tries.len() >= ADDRESSES {
                return false;
            }
        }
        let (began, count) = tries.entry(address).or_insert((now, 0));
        if now >= *began + WINDOW {
            (*began, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_by_address_and_forgotten() {
        let tries = Tries::default();
        let [here, there] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        let at = Timestamp::from_seconds;
        assert!((0..5).all(|_| tries.admit(here, at(0))) && !tries.admit(here, at(59)));
        assert!(tries.admit(there, at(59)));
        assert!(tries.admit(here, at(60)));
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let tries = Tries::default();
        let address = |n: u32| IpAddr::from(n.to_be_bytes());
        assert!((0..1024).all(|n| tries.admit(address(n), Timestamp::from_seconds(0))));
        assert!(!tries.admit(address(2000), Timestamp::from_seconds(30)));
        assert!(tries.admit(address(2000), Timestamp::from_seconds(60)));
    }
}

//! How often something happens within a time that begins with the first of it.
//!
//! Nothing is guessed here, so nobody is slowed down by what was wrong: everything counts, and so many fit into a window.

use std::{collections::HashMap, hash::Hash, time::Duration};

use chancery_domain::time::Timestamp;

use super::TooMany;

/// At most so many are counted at a time; beyond, those go whose window began first.
const MOST: usize = 10_000;

/// The windows that have begun.
#[derive(Debug)]
pub(super) struct Windows<K> {
    length: Duration,
    begun: HashMap<K, (Timestamp, u32)>,
}

impl<K: Clone + Eq + Hash> Windows<K> {
    pub(super) fn of(length: Duration) -> Self {
        Self { length, begun: HashMap::new() }
    }

    pub(super) fn count(&mut self, whose: K, most: u32, now: Timestamp) -> Result<(), TooMany> {
        let length = self.length;
        if self.begun.len() >= MOST && !self.begun.contains_key(&whose) {
            self.begun.retain(|_, (began, _)| now < *began + length);
            if self.begun.len() >= MOST
                && let Some(first) =
                    self.begun.iter().min_by_key(|(_, (began, _))| *began).map(|(whose, _)| whose.clone())
            {
                self.begun.remove(&first);
            }
        }
        let (began, count) = self.begun.entry(whose).or_insert((now, 0));
        if now >= *began + length {
            (*began, *count) = (now, 0);
        }
        if *count >= most {
            return Err(TooMany { retry_after: (*began + length).since(now) });
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t245_t300_the_windows_are_bounded() {
        let (mut windows, now) = (Windows::of(Duration::from_secs(3600)), Timestamp::from_seconds(1_700_000_000));
        for whose in 0..MOST + 100 {
            windows.count(whose, 1, now).expect("the first");
        }
        assert!(windows.begun.len() <= MOST);
    }
}

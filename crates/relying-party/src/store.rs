//! What is remembered between two requests of a browser.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use async_trait::async_trait;

/// The kinds of things that are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A sign-in that is under way: for ten minutes, taken once.
    Attempt,
    /// A session.
    Session,
    /// What logout tokens said, and which of them were here.
    Ended,
}

impl Kind {
    /// A name for storing.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::Session => "session",
            Self::Ended => "ended",
        }
    }
}

/// Keeps records for a while. A record is bytes that hold tokens: guard them like a password file. The key is a digest
/// of what the browser holds, so that whoever reads the keys cannot be that browser.
#[async_trait]
pub trait Store: Send + Sync {
    /// Keeps a record until then.
    async fn put(&self, kind: Kind, key: &str, record: Vec<u8>, until: SystemTime) -> Result<(), StoreError>;

    /// The record, if it is there.
    async fn get(&self, kind: Kind, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// The record, which is gone from now on: of two callers at once one gets it.
    async fn take(&self, kind: Kind, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
}

/// The store failed.
#[derive(Debug, thiserror::Error)]
#[error("sessions are not available")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A store in the memory of one process. It forgets with it, and is bounded: where there are too many records of a kind,
/// those go that would have gone first.
pub struct MemoryStore {
    attempts: Mutex<Records>,
    sessions: Mutex<Records>,
    ended: Mutex<Records>,
}

#[derive(Default)]
struct Records {
    most: usize,
    records: HashMap<String, (SystemTime, Vec<u8>)>,
}

impl MemoryStore {
    /// A store for so many sessions at most, for a tenth as many sign-ins under way, and for what was said of the end of as
    /// many sessions.
    #[must_use]
    pub fn new(most_sessions: usize) -> Self {
        let records = |most| Mutex::new(Records { most, ..Records::default() });
        Self {
            attempts: records(most_sessions / 10 + 1),
            sessions: records(most_sessions.max(1)),
            ended: records(most_sessions.max(1).saturating_mul(2)),
        }
    }

    /// A panic elsewhere leaves the records usable: each change is one call.
    fn records(&self, kind: Kind) -> MutexGuard<'_, Records> {
        let records = match kind {
            Kind::Attempt => &self.attempts,
            Kind::Session => &self.sessions,
            Kind::Ended => &self.ended,
        };
        records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

/// Who reads a record looks at its age; here the old ones go when there is no room left.
#[async_trait]
impl Store for MemoryStore {
    async fn put(&self, kind: Kind, key: &str, record: Vec<u8>, until: SystemTime) -> Result<(), StoreError> {
        let mut records = self.records(kind);
        if records.records.len() >= records.most {
            records.make_room();
        }
        records.records.insert(key.to_owned(), (until, record));
        Ok(())
    }

    async fn get(&self, kind: Kind, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.records(kind).records.get(key).map(|(_, record)| record.clone()))
    }

    async fn take(&self, kind: Kind, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.records(kind).records.remove(key).map(|(_, record)| record))
    }
}

impl Records {
    /// Lets the quarter go that ends first; so much at a time that it is seldom done.
    fn make_room(&mut self) {
        let keep = self.most / 4 * 3;
        let mut ends: Vec<_> = self.records.values().map(|(until, _)| *until).collect();
        let surplus = ends.len().saturating_sub(keep);
        if let Some(last) = surplus.checked_sub(1) {
            let (_, last_to_go, _) = ends.select_nth_unstable(last);
            let last_to_go = *last_to_go;
            self.records.retain(|_, (until, _)| *until > last_to_go);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[tokio::test]
    async fn a_record_is_taken_once() {
        let store = MemoryStore::default();
        store.put(Kind::Attempt, "a", vec![1], UNIX_EPOCH).await.expect("kept");
        assert_eq!(store.get(Kind::Session, "a").await.expect("read"), None);
        assert_eq!(store.get(Kind::Attempt, "a").await.expect("read"), Some(vec![1]));
        assert_eq!(store.take(Kind::Attempt, "a").await.expect("taken"), Some(vec![1]));
        assert_eq!(store.take(Kind::Attempt, "a").await.expect("taken"), None);
    }

    #[tokio::test]
    async fn memory_is_bounded() {
        let store = MemoryStore::new(40);
        for n in 0..1000 {
            let until = UNIX_EPOCH + Duration::from_secs(n);
            store.put(Kind::Session, &n.to_string(), vec![], until).await.expect("kept");
        }
        assert!(store.records(Kind::Session).records.len() <= 40);
        assert!(store.get(Kind::Session, "999").await.expect("read").is_some());
    }
}

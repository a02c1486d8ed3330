//! Fetches that strangers can ask for: one at a time for each document, which all who wait for it share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chancery_domain::{
    id::TenantId,
    ports::outbound::{Fetched, OutboundError},
};
use quick_cache::sync::Cache;
use tokio::{sync::watch, time::Instant};

/// For how long a document is not asked for again that was not to be had.
const REST: Duration = Duration::from_secs(5);
/// How many of those are remembered.
const MOST_RESTING: usize = 1024;

/// A document of one tenant's clients, by its URI.
type Wanted = (TenantId, String);
type Outcome = Result<Fetched, OutboundError>;

/// The fetches that are under way, and those that failed lately. Clones are the same.
#[derive(Clone)]
pub(crate) struct Shared {
    under_way: Arc<Mutex<HashMap<Wanted, watch::Receiver<Option<Outcome>>>>>,
    resting: Arc<Cache<Wanted, (Instant, OutboundError)>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { under_way: Arc::default(), resting: Arc::new(Cache::new(MOST_RESTING)) }
    }
}

impl Shared {
    /// What comes of the fetch that is under way, and where there is none, of that one.
    pub(crate) async fn fetch(&self, wanted: Wanted, fetch: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
        if let Some((at, why)) = self.resting.get(&wanted)
            && at.elapsed() < REST
        {
            return Err(why);
        }
        let mut told = self.join(wanted, fetch);
        let outcome = told.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        outcome.unwrap_or(Err(OutboundError::Unreachable))
    }

    fn join(
        &self,
        wanted: Wanted,
        fetch: impl Future<Output = Outcome> + Send + 'static,
    ) -> watch::Receiver<Option<Outcome>> {
        let mut under_way = self.under_way();
        // One that broke down tells nothing any more, and is no longer waited for.
        if let Some(told) = under_way.get(&wanted).filter(|told| told.has_changed().is_ok()) {
            return told.clone();
        }
        let (tell, told) = watch::channel(None);
        under_way.insert(wanted.clone(), told.clone());
        let shared = self.clone();
        // In a task of its own: whoever asked first may hang up, and the others still wait.
        tokio::spawn(async move {
            let outcome = fetch.await;
            if let Err(why) = &outcome {
                shared.resting.insert(wanted.clone(), (Instant::now(), *why));
            }
            shared.under_way().remove(&wanted);
            tell.send_replace(Some(outcome));
        });
        told
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Wanted, watch::Receiver<Option<Outcome>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use bytes::Bytes;
    use chancery_domain::time::Timestamp;
    use chancery_testkit::SeededRandom;
    use tokio::time::{advance, sleep};

    use super::*;

    #[derive(Default)]
    struct Site {
        shared: Shared,
        asked: Arc<AtomicU32>,
    }

    impl Site {
        /// What comes of a fetch that takes a second, as the tenant of that number.
        async fn fetch(&self, tenant: u64, outcome: Outcome) -> Outcome {
            let tenant = TenantId::generate(&SeededRandom::new(tenant), Timestamp::from_seconds(1_700_000_000));
            let asked = Arc::clone(&self.asked);
            let fetch = async move {
                asked.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_secs(1)).await;
                outcome
            };
            self.shared.fetch((tenant, "https://app.example/request.jwt".to_owned()), fetch).await
        }

        fn asked(&self) -> u32 {
            self.asked.swap(0, Ordering::Relaxed)
        }
    }

    fn body(text: &'static str) -> Fetched {
        Fetched { body: Bytes::from_static(text.as_bytes()), fresh: None }
    }

    #[tokio::test(start_paused = true)]
    async fn t299_all_who_wait_share_one_fetch() {
        let site = Site::default();
        let (one, two, other) = tokio::join!(
            site.fetch(1, Ok(body("one"))),
            site.fetch(1, Ok(body("two"))),
            site.fetch(2, Err(OutboundError::TooSlow))
        );
        assert_eq!((one, two, other), (Ok(body("one")), Ok(body("one")), Err(OutboundError::TooSlow)));
        assert_eq!(site.asked(), 2, "one for each tenant");
        assert_eq!(site.fetch(1, Ok(body("three"))).await, Ok(body("three")), "what was good is read anew");
    }

    #[tokio::test(start_paused = true)]
    async fn t299_what_failed_rests_for_a_while() {
        let site = Site::default();
        let failed = Err(OutboundError::Status(404));
        assert_eq!(site.fetch(1, failed.clone()).await, failed);
        advance(Duration::from_secs(4)).await;
        assert_eq!((site.fetch(1, Ok(body("x"))).await, site.asked()), (failed, 1));
        assert_eq!(site.fetch(2, Ok(body("x"))).await, Ok(body("x")), "another tenant has its own");
        advance(Duration::from_secs(1)).await;
        assert_eq!(site.fetch(1, Ok(body("x"))).await, Ok(body("x")));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_hangs_up_takes_nothing_from_the_others() {
        let site = Arc::new(Site::default());
        let first = tokio::spawn({
            let site = Arc::clone(&site);
            async move { site.fetch(1, Ok(body("one"))).await }
        });
        sleep(Duration::from_millis(500)).await;
        first.abort();
        assert_eq!(site.fetch(1, Ok(body("two"))).await, Ok(body("one")));
        assert_eq!(site.asked(), 1);
    }
}

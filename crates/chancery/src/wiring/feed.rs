//! Following the change feed: what changed is forgotten, at the latest after [`VIEW_REFRESH`].

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    change::Change, fault::Fault, key_policy::VIEW_REFRESH, ports::platform::PlatformStore, time::Clock,
};
use chancery_storage::Storage;
use tokio_util::sync::CancellationToken;

use super::{
    clock::{DatabaseClock, SystemClock},
    directory::TenantDirectory,
};

/// Changes read at a time.
const BATCH: u32 = 500;
/// How often the feed is read though nobody told of anything new: well within [`VIEW_REFRESH`], which is the promise.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const _: () = assert!(LOOK_EVERY.as_secs() < VIEW_REFRESH.as_secs());

/// A reader of the feed and its place in it.
pub(super) struct Feed {
    storage: Storage,
    directory: Arc<TenantDirectory>,
    clock: Arc<DatabaseClock>,
    place: i64,
}

impl Feed {
    /// Begins at the end of the feed; nothing may be in memory before.
    pub(super) async fn begin(
        storage: Storage,
        directory: Arc<TenantDirectory>,
        clock: Arc<DatabaseClock>,
    ) -> Result<Self, Fault> {
        let place = PlatformStore::read(&storage).latest_change().await?;
        let feed = Self { storage, directory, clock, place };
        feed.set_clock().await?;
        feed.directory.forget_all();
        feed.directory.freshness().refresh(feed.clock.now());
        Ok(feed)
    }

    /// Reads on whenever something may have changed, until stopped. Failures are waited out: views grow old meanwhile,
    /// and old views neither sign nor serve.
    pub(super) async fn follow(mut self, stop: CancellationToken) {
        let mut failing = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.storage.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            match self.read_on().await {
                Ok(()) if failing => {
                    failing = false;
                    tracing::info!("the change feed is being followed again");
                }
                Ok(()) => {}
                Err(_) if failing => tokio::time::sleep(Duration::from_millis(500)).await,
                Err(fault) => {
                    failing = true;
                    tracing::error!(%fault, "the change feed cannot be read");
                }
            }
        }
    }

    /// Reads to the end: first as far as the place may move, then what is committed beyond it, held back by a slower
    /// transaction. So everything in memory is as of the time before.
    async fn read_on(&mut self) -> Result<(), Fault> {
        let began = self.clock.now();
        self.set_clock().await?;
        let reader = PlatformStore::read(&self.storage);
        while let Some(last) = self.forget(&reader.changes_after(self.place, BATCH).await?) {
            self.place = last;
        }
        let mut seen = self.place;
        while let Some(last) = self.forget(&reader.committed_changes_after(seen, BATCH).await?) {
            seen = last;
        }
        self.directory.freshness().refresh(began);
        Ok(())
    }

    /// Forgets what changed, and gives the place of the last change.
    fn forget(&self, changes: &[Change]) -> Option<i64> {
        for change in changes {
            self.directory.forget(change);
        }
        changes.last().map(|change| change.sequence)
    }

    async fn set_clock(&self) -> Result<(), Fault> {
        if self.clock.is_own() {
            return Ok(());
        }
        let before = SystemClock.now();
        let database = PlatformStore::read(&self.storage).now().await?;
        self.clock.set(database, before, SystemClock.now());
        Ok(())
    }
}

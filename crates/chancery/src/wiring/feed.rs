//! Following the change feed: what changed is forgotten, at the latest after [`VIEW_REFRESH`].

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    change::{Change, Place},
    fault::{Fault, FeedError},
    key_policy::VIEW_REFRESH,
    ports::platform::PlatformStore,
    time::Clock,
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
    place: Place,
}

impl Feed {
    /// Begins at the end of the feed.
    pub(super) async fn begin(
        storage: Storage,
        directory: Arc<TenantDirectory>,
        clock: Arc<DatabaseClock>,
    ) -> Result<Self, Fault> {
        let mut feed = Self { storage, directory, clock, place: Place::START };
        feed.set_clock().await?;
        let began = feed.clock.now();
        feed.begin_anew().await?;
        feed.directory.freshness().refresh(began);
        Ok(feed)
    }

    /// Goes to the end of the feed and then forgets everything, for nobody can tell what changed on the way. The database may
    /// have been restored, and what is ahead in it is in everybody's way.
    async fn begin_anew(&mut self) -> Result<(), Fault> {
        self.storage.remove_changes_ahead().await?;
        self.place = PlatformStore::read(&self.storage).latest_change().await?;
        self.directory.forget_place(None);
        Ok(())
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

    /// Reads to the end, or begins anew where the feed is not the one that was read. So everything in memory is as of the
    /// time before.
    async fn read_on(&mut self) -> Result<(), Fault> {
        let began = self.clock.now();
        self.set_clock().await?;
        match self.read_to_the_end().await {
            Ok(()) => {}
            Err(FeedError::Lost) => {
                tracing::warn!("the change feed is not the one that was followed: everything is read anew");
                self.begin_anew().await?;
            }
            Err(FeedError::Fault(fault)) => return Err(fault),
        }
        self.directory.freshness().refresh(began);
        Ok(())
    }

    /// First as far as the place may move, then what is committed beyond it, held back by a slower transaction.
    async fn read_to_the_end(&mut self) -> Result<(), FeedError> {
        let reader = PlatformStore::read(&self.storage);
        while let Some(last) = self.forget(&reader.changes_after(self.place, BATCH).await?) {
            self.place = last;
        }
        let mut seen = self.place;
        while let Some(last) = self.forget(&reader.committed_changes_after(seen, BATCH).await?) {
            seen = last;
        }
        Ok(())
    }

    /// Forgets what changed, and gives the place of the last change.
    fn forget(&self, changes: &[Change]) -> Option<Place> {
        for change in changes {
            self.directory.forget(change);
        }
        changes.last().map(|change| change.place)
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

#[cfg(test)]
mod tests;

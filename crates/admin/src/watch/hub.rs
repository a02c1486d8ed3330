//! The one reader of the feed, for every stream of this process.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chancery_domain::{
    change::{Change, Place},
    fault::{Fault, FeedError},
    id::TenantId,
    ports::platform::PlatformStore,
    time::Clock,
};
use tokio::sync::{Mutex as AsyncMutex, broadcast};

use super::{entry::Entry, position::Position, slugs::Slugs};

/// Changes read at a time.
const BATCH: u32 = 200;
/// How much news is kept for streams that are slow. Who is slower reads the store by itself.
const KEPT: usize = 1024;
/// How often the feed is read though nobody told of anything new.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How soon it is read again when something was written that does not settle: something slower was written before.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// How often that is tried before it is left to the next look.
const TRIES: u32 = 40;
/// How often streams hear how far the feed is read while nothing changes.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Reads the feed while somebody watches.
pub(super) struct Hub {
    store: Arc<dyn PlatformStore>,
    clock: Arc<dyn Clock>,
    slugs: Slugs,
    reader: AsyncMutex<Option<Arc<Reader>>>,
}

/// The reading that goes on.
struct Reader {
    news: broadcast::Sender<News>,
    /// How far it is. Held while news is told, so that nobody begins between a change and its place.
    position: Mutex<Position>,
}

/// What the hub tells.
#[derive(Clone)]
pub(super) enum News {
    /// Something changed.
    Changed(Arc<Entry>),
    /// Everything up to there was told.
    Reached(Position),
    /// The feed is not the one that was read: nobody can tell what is missing, and nothing more is told.
    Lost,
}

/// Somebody who listens.
pub(super) struct Listener {
    reader: Arc<Reader>,
    /// What is told behind the place at which it began.
    pub(super) news: broadcast::Receiver<News>,
}

impl Listener {
    /// How far the feed is read.
    pub(super) fn position(&self) -> Position {
        *self.reader.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    /// A listener, and the place behind which it hears everything.
    fn listen(self: &Arc<Self>) -> (Listener, Position) {
        let position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        (Listener { reader: Arc::clone(self), news: self.news.subscribe() }, *position)
    }

    fn tell(&self, entries: Vec<Entry>) {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            *position = entry.position;
            // Nobody may listen any more.
            let _ = self.news.send(News::Changed(Arc::new(entry)));
        }
    }

    fn reached(&self, as_of: chancery_domain::time::Timestamp, always: bool) {
        let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        if always || as_of.since(position.as_of) >= TELL_EVERY {
            position.as_of = position.as_of.max(as_of);
            let _ = self.news.send(News::Reached(*position));
        }
    }
}

impl Hub {
    pub(super) fn new(store: Arc<dyn PlatformStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, slugs: Slugs::default(), reader: AsyncMutex::new(None) }
    }

    /// Somebody listens from now on. The first makes the hub read.
    pub(super) async fn listen(self: &Arc<Self>) -> Result<(Listener, Position), Fault> {
        let mut reader = self.reader.lock().await;
        if let Some(reader) = &*reader {
            return Ok(reader.listen());
        }
        let as_of = self.clock.now();
        let place = self.store.read().latest_change().await?;
        let position = Mutex::new(Position { place, as_of });
        let begun = Arc::new(Reader { news: broadcast::Sender::new(KEPT), position });
        let listening = begun.listen();
        *reader = Some(Arc::clone(&begun));
        tokio::spawn(Arc::clone(self).follow(begun));
        Ok(listening)
    }

    /// A page of the feed, for a stream that is behind.
    pub(super) async fn page(&self, tenant: Option<TenantId>, after: Place) -> Result<Vec<Entry>, FeedError> {
        let reader = self.store.read();
        let changes = match tenant {
            Some(tenant) => reader.tenant_changes_after(tenant, after, BATCH).await?,
            None => reader.changes_after(after, BATCH).await?,
        };
        Ok(self.entries(changes).await?)
    }

    /// Whether the feed can be read on from there.
    pub(super) async fn confirm(&self, place: Place) -> Result<(), FeedError> {
        self.store.read().changes_after(place, 0).await.map(drop)
    }

    async fn entries(&self, changes: Vec<Change>) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::with_capacity(changes.len());
        for change in changes {
            let slug = match change.tenant {
                Some(tenant) => self.slugs.of(&*self.store, tenant).await?,
                None => None,
            };
            entries.push(Entry::of(&change, slug.as_ref()));
        }
        Ok(entries)
    }

    /// Reads until nobody listens any more.
    async fn follow(self: Arc<Self>, reader: Arc<Reader>) {
        let mut failing = false;
        let mut tries = 0;
        loop {
            if self.is_over(&reader).await {
                return;
            }
            let pause = if tries > 0 { LOOK_AGAIN } else { LOOK_EVERY };
            let told = tokio::select! {
                () = self.store.changed() => true,
                () = tokio::time::sleep(pause) => false,
            };
            match self.read_on(&reader).await {
                Ok(found) => {
                    failing = false;
                    tries = if found {
                        0
                    } else if told {
                        TRIES
                    } else {
                        u32::saturating_sub(tries, 1)
                    };
                }
                Err(FeedError::Lost) => return self.lose(&reader).await,
                Err(FeedError::Fault(fault)) => {
                    if !failing {
                        tracing::error!(%fault, "the change feed cannot be read for those who watch");
                    }
                    failing = true;
                    tries = 0;
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    /// Tells everybody that what they heard cannot be gone on with. The next who listens begins anew.
    async fn lose(&self, reader: &Reader) {
        tracing::warn!("the change feed is not the one that was read: those who watch are told to list again");
        let mut current = self.reader.lock().await;
        *current = None;
        // Nobody may listen any more.
        let _ = reader.news.send(News::Lost);
    }

    /// Whether nobody listens; then the next who does begins anew.
    async fn is_over(&self, reader: &Reader) -> bool {
        if reader.news.receiver_count() > 0 {
            return false;
        }
        let mut current = self.reader.lock().await;
        let over = reader.news.receiver_count() == 0;
        if over {
            *current = None;
        }
        over
    }

    /// Reads to the end, and says whether there was anything.
    async fn read_on(&self, reader: &Reader) -> Result<bool, FeedError> {
        let as_of = self.clock.now();
        let mut found = false;
        loop {
            let place = reader.position.lock().unwrap_or_else(PoisonError::into_inner).place;
            let entries = self.page(None, place).await?;
            if entries.is_empty() {
                reader.reached(as_of, found);
                return Ok(found);
            }
            found = true;
            reader.tell(entries);
        }
    }
}

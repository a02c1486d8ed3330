//! Events for which there is no transaction: queued, and written many at a time. The queue is bounded and never blocks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chancery_domain::{audit::AuditEvent, fault::Fault};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

use super::write;
use crate::database::Database;

/// How many events wait at most: about a minute of heavy traffic.
const LONGEST_QUEUE: usize = 65_536;
/// How many events are written at a time.
const LARGEST_BATCH: usize = 256;
/// How long an event waits for company.
const WAIT: Duration = Duration::from_millis(500);
/// How often the last batch is tried when the database is closed.
const LAST_TRIES: u32 = 3;

/// Takes events.
pub(crate) struct Later {
    queue: mpsc::Sender<AuditEvent>,
    lost: Arc<AtomicU64>,
}

/// Writes the events that were taken.
pub(crate) struct Queue {
    events: mpsc::Receiver<AuditEvent>,
    lost: Arc<AtomicU64>,
}

impl Later {
    pub(crate) fn new() -> (Self, Queue) {
        let (queue, events) = mpsc::channel(LONGEST_QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        (Self { queue, lost: Arc::clone(&lost) }, Queue { events, lost })
    }

    /// Takes an event, or counts it as lost.
    pub(crate) fn take(&self, event: AuditEvent) {
        if self.queue.try_send(event).is_err() && self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
            tracing::error!("audit events come faster than they can be written; some are lost");
        }
    }
}

impl Queue {
    /// Writes until stopped, and then what is left.
    pub(crate) async fn run(mut self, database: Arc<Database>, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(LARGEST_BATCH);
        while let Some(count) = stop.run_until_cancelled(self.events.recv_many(&mut batch, LARGEST_BATCH)).await {
            if count == 0 {
                return;
            }
            if count < LARGEST_BATCH {
                stop.run_until_cancelled(sleep(WAIT)).await;
                while batch.len() < LARGEST_BATCH
                    && let Ok(event) = self.events.try_recv()
                {
                    batch.push(event);
                }
            }
            self.write(&database, &mut batch, &stop).await;
        }
        self.finish(&database, batch).await;
    }

    /// Writes a batch, however often it takes; leaves it where it is when stopped in the meantime.
    async fn write(&self, database: &Database, batch: &mut Vec<AuditEvent>, stop: &CancellationToken) {
        while let Err(error) = append(database, batch).await {
            tracing::warn!(%error, events = batch.len(), "audit events wait for the database");
            if stop.run_until_cancelled(sleep(WAIT)).await.is_none() {
                return;
            }
        }
        batch.clear();
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::error!(lost, "audit events were lost; they are being written again");
        }
    }

    async fn finish(mut self, database: &Database, mut batch: Vec<AuditEvent>) {
        self.events.close();
        let mut tries = LAST_TRIES;
        loop {
            while batch.len() < LARGEST_BATCH
                && let Ok(event) = self.events.try_recv()
            {
                batch.push(event);
            }
            if batch.is_empty() {
                return;
            }
            match append(database, &batch).await {
                Ok(()) => batch.clear(),
                Err(error) if tries == 0 => {
                    tracing::error!(%error, lost = batch.len() + self.events.len(), "audit events were lost");
                    return;
                }
                Err(_) => tries -= 1,
            }
        }
    }
}

async fn append(database: &Database, events: &[AuditEvent]) -> Result<(), Fault> {
    let transaction = database.begin().await?;
    write(&transaction, events).await?;
    transaction.commit().await
}

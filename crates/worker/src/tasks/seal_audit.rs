//! Gives what people and clients did its place in the chains of the audit, in batches that let others in between.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    fault::Fault,
    ports::{audit::Sealing, platform::PlatformStore},
    time::{Clock, Timestamp},
};
use tokio_util::sync::CancellationToken;

use crate::{Context, task::Task};

/// How many events get their places in one transaction.
const BATCH: u32 = 512;
/// How long events may wait before that is itself something to tell.
const PATIENCE: Duration = Duration::from_secs(60);
/// For how long it works before it lets itself be woken again.
const SHIFT: Duration = Duration::from_millis(1800);
/// For how long it may run: a batch may have to wait for the database.
const LIMIT: Duration = Duration::from_secs(20);

/// The task.
pub(crate) struct SealAudit {
    platform: Arc<dyn PlatformStore>,
    clock: Arc<dyn Clock>,
}

impl SealAudit {
    pub(crate) fn new(cx: &Context) -> Self {
        Self { platform: Arc::clone(&cx.platform), clock: Arc::clone(&cx.keys.clock) }
    }

    /// Tells of it when events waited for long and nobody gave them their places meanwhile: the time in which they could
    /// have been changed without a trace. While a backlog is worked off it is told of once.
    async fn tell_of_pause(&self, sealing: Sealing) -> Result<(), Fault> {
        let now = self.clock.now();
        let Some((since, until)) = paused(sealing, now) else { return Ok(()) };
        let note = format!("{} ms, until {} ms after 1970", until.since(since).as_millis(), until.millis());
        let event = AuditEvent::new(None, now, Actor::System, Action::SealingPaused);
        let tx = self.platform.begin().await?;
        tx.audit(event.because("events_waited").noting(note)).await?;
        tx.commit().await?;
        tracing::warn!(paused.seconds = until.since(since).as_secs(), "audit events waited for their places");
        Ok(())
    }
}

/// From when until when nobody worked though there was something to do, if that was for long.
fn paused(sealing: Sealing, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let (waiting, sealed) = (sealing.waiting_since?, sealing.sealed_at?);
    let since = waiting.max(sealed);
    (now.since(since) > PATIENCE).then_some((since, now))
}

#[async_trait]
impl Task for SealAudit {
    fn name(&self) -> &'static str {
        "seal_audit"
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(self.platform.read().audits().sealing().await?.waiting_since.is_some())
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        self.tell_of_pause(self.platform.read().audits().sealing().await?).await?;
        let end = tokio::time::Instant::now() + SHIFT;
        while !stop.is_cancelled() && tokio::time::Instant::now() < end {
            let tx = self.platform.begin().await?;
            let sealed = tx.audits().seal(BATCH, self.clock.now()).await?;
            tx.commit().await?;
            if sealed < BATCH {
                break;
            }
        }
        Ok(())
    }
}

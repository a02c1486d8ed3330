//! A task, and what stands around it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{fault::Fault, lease::LeaseClaim};
use tokio::{sync::Mutex, task::JoinError, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{Context, lease::Lease};

/// For how long a task may run.
const LIMIT: Duration = Duration::from_secs(60);

/// Something done from time to time.
#[async_trait]
pub(crate) trait Task: Send + Sync + 'static {
    /// Its name in leases and logs.
    fn name(&self) -> &'static str;

    /// Whether one process does it for all, and takes a lease; else each does it for itself.
    fn is_shared(&self) -> bool {
        true
    }

    /// For how long it may run. Its lease holds half as long again, which is how long others wait for one that died.
    fn limit(&self) -> Duration {
        LIMIT
    }

    /// Whether there is anything to do: one read. While there is not, no lease is taken and nothing is written.
    async fn is_due(&self) -> Result<bool, Fault>;

    /// Does all that is due. Ends early, at a place of its choice, once `stop` is cancelled.
    async fn run(&self, stop: CancellationToken) -> Result<(), Fault>;
}

/// What came of waking a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// It ran to its end.
    Ran,
    /// There was nothing to do.
    Idle,
    /// It was still running from before.
    Overlapping,
    /// Another process has the lease.
    Elsewhere,
    /// It failed, panicked, or ran out of time.
    Failed,
}

/// A task with its lock, lease and limit.
pub(crate) struct Runner {
    task: Arc<dyn Task>,
    busy: Mutex<()>,
    lease: Lease,
    limit: Duration,
}

impl Runner {
    pub(crate) fn new(cx: &Context, task: Arc<dyn Task>) -> Self {
        let limit = task.limit();
        let claim = LeaseClaim { task: task.name(), holder: cx.holder.clone(), span: limit + limit / 2 };
        let lease = Lease { platform: Arc::clone(&cx.platform), clock: Arc::clone(&cx.keys.clock), claim };
        Self { task, busy: Mutex::new(()), lease, limit }
    }

    /// The same with another limit.
    #[cfg(test)]
    pub(crate) fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.task.name()
    }

    /// Runs the task if it is due, and if nobody else is at it. Failures end here, in the log.
    pub(crate) async fn wake(&self, stop: &CancellationToken) -> Woken {
        let Ok(_busy) = self.busy.try_lock() else {
            return Woken::Overlapping;
        };
        let span = tracing::info_span!("task", task.name = self.name());
        self.guarded(stop).instrument(span).await.unwrap_or_else(|fault| {
            tracing::error!(task.name = self.name(), error = %fault, "a task could not be run");
            Woken::Failed
        })
    }

    async fn guarded(&self, stop: &CancellationToken) -> Result<Woken, Fault> {
        if !self.task.is_due().await? {
            return Ok(Woken::Idle);
        }
        if !self.task.is_shared() {
            return Ok(self.limited(stop).await);
        }
        if !self.lease.take().await? {
            return Ok(Woken::Elsewhere);
        }
        let ran = self.limited(stop).await;
        self.lease.give_back().await?;
        Ok(ran)
    }

    /// The task runs in a task of its own, so that a panic ends there.
    async fn limited(&self, stop: &CancellationToken) -> Woken {
        let (task, stop) = (Arc::clone(&self.task), stop.clone());
        let mut running = tokio::spawn(async move { task.run(stop).await }.in_current_span());
        let ended = timeout(self.limit, &mut running).await;
        match ended {
            Ok(Ok(Ok(()))) => return Woken::Ran,
            Ok(Ok(Err(fault))) => tracing::error!(error = %fault, "a task failed"),
            Ok(Err(broken)) => tracing::error!(panic = panic_text(broken), "a task panicked"),
            Err(_) => {
                tracing::error!(limit.seconds = self.limit.as_secs(), "a task ran out of time");
                running.abort();
                // Whether it was cut off or had just ended, it is over now.
                let _ = running.await;
            }
        }
        Woken::Failed
    }
}

/// What a panic said, as far as it is text.
pub(crate) fn panic_text(broken: JoinError) -> String {
    let Ok(panic) = broken.try_into_panic() else { return "cut off".to_owned() };
    let fixed = panic.downcast_ref::<&'static str>().map(|text| (*text).to_owned());
    fixed.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

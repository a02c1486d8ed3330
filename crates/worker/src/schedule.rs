//! The time tables. The only file that knows tokio-cron-scheduler.
//!
//! The scheduler says *now* and nothing more: it prevents no overlap, awaits nobody on shutdown, and forgets what it
//! missed. So a job of its own only hands the task to a tracker of ours and is done. Times are UTC: it would keep a
//! fixed offset of any other zone.

use std::sync::Arc;

use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{WorkerError, task::Runner};

/// Activations travel through channels of this size; a receiver that lags behind by more loses some.
const CHANNEL_SIZE: usize = 1024;

/// The tasks with their time tables.
pub(crate) struct Schedule {
    scheduler: JobScheduler,
    runners: Vec<Arc<Runner>>,
    running: TaskTracker,
    stop: CancellationToken,
}

impl Schedule {
    /// An empty schedule. When `stop` is cancelled, running tasks end as soon as they can.
    pub(crate) async fn new(stop: CancellationToken) -> Result<Self, WorkerError> {
        let scheduler = JobScheduler::new_with_channel_size(CHANNEL_SIZE).await.map_err(|error| failed(&error))?;
        Ok(Self { scheduler, runners: Vec::new(), running: TaskTracker::new(), stop })
    }

    /// Adds a task. The scheduler accepts years as well; we keep to six fields.
    pub(crate) async fn add(&mut self, cron: &str, runner: Arc<Runner>) -> Result<(), WorkerError> {
        let unreadable = || WorkerError::Cron { task: runner.name(), cron: cron.to_owned() };
        if cron.split_whitespace().count() != 6 {
            return Err(unreadable());
        }
        let (woken, running, stop) = (Arc::clone(&runner), self.running.clone(), self.stop.clone());
        let job = Job::new(cron, move |_, _| wake(&running, &woken, &stop)).map_err(|_| unreadable())?;
        self.scheduler.add(job).await.map_err(|error| failed(&error))?;
        self.runners.push(runner);
        Ok(())
    }

    /// Begins, and wakes every task once.
    pub(crate) async fn start(&self) -> Result<(), WorkerError> {
        self.scheduler.start().await.map_err(|error| failed(&error))?;
        for runner in &self.runners {
            wake(&self.running, runner, &self.stop);
        }
        Ok(())
    }

    /// Wakes nobody any more, and waits for those that run.
    pub(crate) async fn stop(mut self) {
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the scheduler did not shut down");
        }
        self.running.close();
        self.running.wait().await;
    }
}

fn wake(running: &TaskTracker, runner: &Arc<Runner>, stop: &CancellationToken) {
    if !stop.is_cancelled() {
        let (runner, stop) = (Arc::clone(runner), stop.clone());
        running.spawn(async move { runner.wake(&stop).await });
    }
}

fn failed(error: &JobSchedulerError) -> WorkerError {
    WorkerError::Scheduler(error.to_string())
}

/// Whether a text is a cron expression that the worker takes: six fields, the first of them seconds.
pub fn check_cron(cron: &str) -> Result<(), &'static str> {
    const RULE: &str = "must be a cron expression of six fields, beginning with seconds, such as 0/15 * * * * *";
    if cron.split_whitespace().count() != 6 {
        return Err(RULE);
    }
    Job::new(cron, |_, _| ()).map(drop).map_err(|_| RULE)
}

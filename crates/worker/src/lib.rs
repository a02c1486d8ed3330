//! The clock: wakes the tasks; the store says what is due.
//!
//! A task takes no input and may run at any time, any number of times, in any number of processes: what it finds due
//! it does, and the guards of the store make a second doer harmless. Around each task stand, from the outside in, a
//! lock against overlap in this process, a look whether anything is due at all, a lease against the other processes,
//! and a limit of time.
//!
//! To add a task: a file in `tasks/` and a line in `tasks::all`. This room never decides *when* a key moves.

use std::sync::Arc;

use chancery_domain::ports::platform::PlatformStore;
use tokio_util::sync::CancellationToken;

mod lease;
mod measure;
mod pace;
mod schedule;
mod task;
mod tasks;

pub use measure::describe_figures;
pub use schedule::check_cron;
pub use tasks::{Outbox, Rotated, rotate_due};
#[cfg(test)]
mod tests;

use schedule::Schedule;
use task::Runner;

/// When the keys are looked at, unless the configuration says otherwise: every 15 seconds.
pub const ROTATE_CRON: &str = "0/15 * * * * *";
/// When expired rows are purged, unless the configuration says otherwise: once a minute, away from the full minute.
pub const PURGE_CRON: &str = "40 * * * * *";

/// When the keys are measured, where anybody asks: once a minute.
pub const MEASURE_CRON: &str = "20 * * * * *";

/// What the worker works with.
#[derive(Clone)]
pub struct Context {
    /// The rows over tenants.
    pub platform: Arc<dyn PlatformStore>,
    /// The keys room.
    pub keys: Arc<chancery_keys::Context>,
    /// The name of this process in leases; no other process may have it.
    pub holder: String,
    /// When to look at keys: six fields of cron, beginning with seconds, in UTC.
    pub rotate_cron: String,
    /// When to purge expired rows: as above.
    pub purge_cron: String,
    /// When to measure how the keys stand, if anybody wants to know: as above.
    pub measure_cron: Option<String>,
    /// What messages to clients are made and sent with, if any are.
    pub outbox: Option<Outbox>,
}

/// Why the worker does not run.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A time table cannot be read.
    #[error("{task}: {cron:?} is no cron expression of six fields, beginning with seconds")]
    Cron {
        /// The task.
        task: &'static str,
        /// What was given for it.
        cron: String,
    },
    /// The scheduler does not come up.
    #[error("the scheduler failed: {0}")]
    Scheduler(String),
}

/// Runs the tasks until `stop` is cancelled, and returns when those that were running have ended. Every task is woken
/// once at the start, so that what fell due while nobody worked is done at once.
pub async fn run(cx: Context, stop: CancellationToken) -> Result<(), WorkerError> {
    let mut schedule = Schedule::new(stop.clone()).await?;
    for (cron, task) in tasks::all(&cx) {
        schedule.add(&cron, Arc::new(Runner::new(&cx, task))).await?;
    }
    schedule.start().await?;
    tracing::info!(worker.holder = %cx.holder, "the worker is up");
    stop.cancelled().await;
    schedule.stop().await;
    Ok(())
}

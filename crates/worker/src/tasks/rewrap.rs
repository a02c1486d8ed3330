//! Moves tenants' own keys under the master key that seals now, while a re-wrap is running.
//!
//! It works in small batches and rests four times as long as each took, so it takes a fifth of one core at most, of this
//! machine and the database together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chancery_domain::fault::Fault;
use chancery_keys::rewrap::{self, Standing, Step};
use tokio_util::sync::CancellationToken;

use crate::{Context, task::Task};

/// How many tenants' keys go in one transaction.
const BATCH: u32 = 16;
/// How many times as long as a batch took is rested after it.
const REST: u32 = 4;
/// The shortest rest.
const SHORTEST_REST: Duration = Duration::from_millis(50);
/// For how long it works before it lets itself be woken again: just shorter than the time between two looks.
const SHIFT: Duration = Duration::from_millis(4500);
/// For how long it may run: a batch may have to wait for the database.
const LIMIT: Duration = Duration::from_secs(10);

/// The task.
pub(crate) struct RewrapKeys {
    keys: Arc<chancery_keys::Context>,
    has_told: AtomicBool,
}

impl RewrapKeys {
    pub(crate) fn new(cx: &Context) -> Self {
        Self { keys: Arc::clone(&cx.keys), has_told: AtomicBool::new(false) }
    }

    /// Whether that is to be told: once, until there is something else to tell.
    fn tells(&self) -> bool {
        !self.has_told.swap(true, Ordering::Relaxed)
    }
}

#[async_trait]
impl Task for RewrapKeys {
    fn name(&self) -> &'static str {
        "rewrap_keys"
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        match rewrap::standing(&self.keys).await? {
            Standing::Ours { .. } => return Ok(true),
            Standing::Foreign { target } => {
                if self.tells() {
                    tracing::warn!(
                        master_key.id = %target,
                        "a re-wrap is running to a master key that is not the first one here: others have to do it"
                    );
                }
            }
            Standing::Idle => self.has_told.store(false, Ordering::Relaxed),
        }
        Ok(false)
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let end = Instant::now() + SHIFT;
        let (mut all_moved, mut all_failed) = (0_u64, 0_u64);
        while !stop.is_cancelled() && Instant::now() < end {
            let began = Instant::now();
            match rewrap::step(&self.keys, BATCH).await? {
                Step::Moved { moved, failed } => {
                    all_moved += u64::from(moved);
                    all_failed += u64::from(failed);
                }
                Step::Done => {
                    tracing::info!("the re-wrap is finished");
                    break;
                }
                Step::Stopped => break,
                Step::Stuck { missing } => {
                    if self.tells() {
                        tracing::warn!(?missing, "what is left to re-wrap is sealed under keys that are not here");
                    }
                    break;
                }
            }
            let rest = (began.elapsed() * REST).max(SHORTEST_REST);
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
        if all_moved + all_failed > 0 {
            tracing::info!(tenants.moved = all_moved, tenants.failed = all_failed, "tenants' keys were sealed anew");
        }
        Ok(())
    }
}

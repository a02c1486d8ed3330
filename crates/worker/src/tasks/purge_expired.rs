//! Removes what nobody can use any more, in small transactions that let others in between.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::{fault::Fault, ports::platform::PlatformStore, time::Clock};
use tokio_util::sync::CancellationToken;

use crate::{Context, task::Task};

/// How many rows of each kind go in one transaction.
const BATCH: u32 = 500;

/// The task.
pub(crate) struct PurgeExpired {
    platform: Arc<dyn PlatformStore>,
    clock: Arc<dyn Clock>,
}

impl PurgeExpired {
    pub(crate) fn new(cx: &Context) -> Self {
        Self { platform: Arc::clone(&cx.platform), clock: Arc::clone(&cx.keys.clock) }
    }
}

#[async_trait]
impl Task for PurgeExpired {
    fn name(&self) -> &'static str {
        "purge_expired"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(true)
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let mut removed = 0;
        while !stop.is_cancelled() {
            let tx = self.platform.begin().await?;
            let batch = tx.purge_expired(self.clock.now(), BATCH).await?;
            tx.commit().await?;
            removed += batch;
            if batch == 0 {
                break;
            }
        }
        if removed > 0 {
            tracing::info!(rows.removed = removed, "purged expired rows");
        }
        Ok(())
    }
}

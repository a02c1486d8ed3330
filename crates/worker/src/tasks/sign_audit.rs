//! Signs how far the chains of the audit have come: every minute, and sooner where much was done.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{fault::Fault, id::TenantId};
use chancery_keys::audit;
use tokio_util::sync::CancellationToken;

use crate::{Context, task::Task};

/// After how many events a chain is signed at the latest.
const MOST: u64 = 1000;
/// After how long a chain that moved is signed at the latest.
const EACH: Duration = Duration::from_secs(60);
/// How many chains are looked up at a time.
const BATCH: u32 = 64;
/// How long it rests after each chain, so that thousands that moved together disturb nobody.
const REST: Duration = Duration::from_millis(5);

/// The task.
pub(crate) struct SignAudit(Arc<chancery_keys::Context>);

impl SignAudit {
    pub(crate) fn new(cx: &Context) -> Self {
        Self(Arc::clone(&cx.keys))
    }

    async fn unsigned(&self, limit: u32) -> Result<Vec<Option<TenantId>>, Fault> {
        let before = self.0.clock.now() - EACH;
        self.0.platform.read().audits().unsigned(MOST, before, limit).await
    }
}

#[async_trait]
impl Task for SignAudit {
    fn name(&self) -> &'static str {
        "sign_audit"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(!self.unsigned(1).await?.is_empty())
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let end = tokio::time::Instant::now() + EACH / 2;
        while tokio::time::Instant::now() < end {
            let chains = self.unsigned(BATCH).await?;
            if chains.is_empty() {
                break;
            }
            for chain in chains {
                if stop.is_cancelled() {
                    return Ok(());
                }
                audit::checkpoint(&self.0, chain).await?;
                tokio::time::sleep(REST).await;
            }
        }
        Ok(())
    }
}

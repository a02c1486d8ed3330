//! Removes what nobody can use any more, in small transactions that let others in between.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::Fault,
    ports::platform::{PlatformStore, TenantPurge},
    time::Clock,
};
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

impl PurgeExpired {
    /// A little of a deleted tenant, counted. That it is gone for good stands in the platform's chain: nobody can ask for
    /// that of the tenant any more, by a name that may be another's.
    async fn purge_tenant(&self) -> Result<Option<u64>, Fault> {
        let now = self.clock.now();
        let tx = self.platform.begin().await?;
        let Some(TenantPurge { tenant, slug, rows, is_gone }) = tx.purge_tenant(now, BATCH).await? else {
            return Ok(None);
        };
        if is_gone {
            let event = AuditEvent::new(None, now, Actor::System, Action::Purged);
            tx.audit(event.about(Noun::Tenant, &tenant).noting(format!("tenants/{slug}"))).await?;
        }
        tx.commit().await?;
        Ok(Some(rows))
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
        let mut removed = self.platform.remove_changes_ahead().await?;
        while !stop.is_cancelled() {
            let tx = self.platform.begin().await?;
            let batch = tx.purge_expired(self.clock.now(), BATCH).await?;
            tx.commit().await?;
            removed += batch;
            if batch == 0 {
                break;
            }
        }
        while !stop.is_cancelled() {
            let Some(rows) = self.purge_tenant().await? else { break };
            removed += rows;
        }
        if removed > 0 {
            tracing::info!(rows.removed = removed, "purged expired rows");
        }
        Ok(())
    }
}

//! Looks after the keys that clients encrypt to, where the store says that something is due. What is to be done with them
//! is the keys room's affair; a tenant that fails is left for the next wake and holds nobody up.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chancery_domain::{audit::Actor, fault::Fault, id::TenantId};
use chancery_keys::encryption;
use metrics::counter;
use tokio_util::sync::CancellationToken;

use crate::{Context, measure::FAILURES, task::Task};

/// How many tenants are looked up at a time.
const BATCH: u32 = 64;

/// The task.
pub(crate) struct TurnEncryptionKeys(Context);

impl TurnEncryptionKeys {
    pub(crate) fn new(cx: &Context) -> Self {
        Self(cx.clone())
    }

    async fn due(&self, limit: u32) -> Result<Vec<TenantId>, Fault> {
        self.0.platform.read().encryption_keys_due(self.0.keys.clock.now(), limit).await
    }

    async fn look_after(&self, tenant: TenantId) -> Result<(), Fault> {
        // A tenant that is gone took its keys with it.
        let Some(tenant) = self.0.platform.read().tenants().find(tenant).await? else { return Ok(()) };
        encryption::look_after(&self.0.keys, &tenant, Actor::System).await.map(drop)
    }
}

#[async_trait]
impl Task for TurnEncryptionKeys {
    fn name(&self) -> &'static str {
        "turn_encryption_keys"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(!self.due(1).await?.is_empty())
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let mut seen = BTreeSet::new();
        while !stop.is_cancelled() {
            let known = u32::try_from(seen.len()).unwrap_or(u32::MAX);
            let mut due = self.due(BATCH.saturating_add(known)).await?;
            due.retain(|tenant| seen.insert(*tenant));
            if due.is_empty() {
                break;
            }
            for tenant in due {
                if stop.is_cancelled() {
                    break;
                }
                if let Err(fault) = self.look_after(tenant).await {
                    tracing::error!(tenant.id = %tenant, error = %fault, "encryption keys could not be moved");
                    counter!(FAILURES, "kind" => "fault").increment(1);
                }
            }
        }
        Ok(())
    }
}

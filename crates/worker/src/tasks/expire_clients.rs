//! Removes clients that registered themselves and that nobody used for as many days as their tenant says, a few in one
//! transaction. What was meant to be tried once would else fill the tenant, and who finds an old secret could still use it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::{Fault, WriteError},
    id::{ClientId, TenantId},
    ports::platform::PlatformStore,
    tenant::Tenant,
    time::{Clock, Timestamp},
    version::Version,
};
use metrics::counter;
use tokio_util::sync::CancellationToken;

use crate::{Context, measure::CLIENT_FAILURES, task::Task};

/// How many tenants are looked up at a time.
const TENANTS: u32 = 64;

/// How many clients go in one transaction.
const BATCH: u32 = 50;

const DAY: Duration = Duration::from_secs(86_400);

/// The task.
pub(crate) struct ExpireClients {
    platform: Arc<dyn PlatformStore>,
    clock: Arc<dyn Clock>,
}

impl ExpireClients {
    pub(crate) fn new(cx: &Context) -> Self {
        Self { platform: Arc::clone(&cx.platform), clock: Arc::clone(&cx.keys.clock) }
    }

    /// Tenants with clients that nobody used for the shortest time that a tenant can name.
    async fn due(&self, after: Option<TenantId>, limit: u32) -> Result<Vec<TenantId>, Fault> {
        self.platform.read().tenants_with_unused_clients(self.clock.now() - DAY, after, limit).await
    }

    /// Removes those of one tenant. Where nobody could use them, because the tenant does not serve, they stay.
    async fn expire(&self, tenant: TenantId, stop: &CancellationToken) -> Result<(), Fault> {
        let found = self.platform.read().tenants().find(tenant).await?;
        let Some(tenant) = found.filter(Tenant::is_active) else { return Ok(()) };
        let Some(days) = tenant.settings.registration.days_unused() else { return Ok(()) };
        while !stop.is_cancelled() {
            let now = self.clock.now();
            let tx = self.platform.begin().await?;
            let unused = tx.of(tenant.id).client_uses().unused_since(now - DAY * days, BATCH).await?;
            if unused.is_empty() {
                break;
            }
            for client in &unused {
                let rows = tx.of(tenant.id);
                match rows.clients().delete(&client.0, client.1).await {
                    Ok(()) => rows.audit(event(tenant.id, now, client)).await?,
                    // Somebody changes or removes it at this moment.
                    Err(WriteError::Stale | WriteError::Taken(_)) => return Ok(()),
                    Err(WriteError::Fault(fault)) => return Err(fault),
                }
            }
            tx.commit().await?;
            tracing::info!(tenant.id = %tenant.id, clients.removed = unused.len(), "removed unused clients");
        }
        Ok(())
    }
}

fn event(tenant: TenantId, now: Timestamp, (client, version): &(ClientId, Version)) -> AuditEvent {
    let event = AuditEvent::new(Some(tenant), now, Actor::System, Action::Deleted);
    event.about(Noun::Client, client).because("unused").between(Some(*version), None)
}

#[async_trait]
impl Task for ExpireClients {
    fn name(&self) -> &'static str {
        "expire_clients"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(!self.due(None, 1).await?.is_empty())
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let mut after = None;
        while !stop.is_cancelled() {
            let due = self.due(after, TENANTS).await?;
            let Some(last) = due.last() else { break };
            after = Some(*last);
            for tenant in due {
                if let Err(fault) = self.expire(tenant, &stop).await {
                    tracing::error!(tenant.id = %tenant, error = %fault, "unused clients could not be removed");
                    counter!(CLIENT_FAILURES, "kind" => "fault").increment(1);
                }
            }
        }
        Ok(())
    }
}

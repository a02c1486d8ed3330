//! Moves the keys of every tenant where the store says that something is due. What is to be done with them is the
//! plan's affair; a tenant that fails is put off for a minute and holds nobody up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{audit::Actor, fault::Fault, id::TenantId, ports::platform::PlatformStore};
use chancery_keys::rotate::{self, Applied, Ask, RotateError};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    Context,
    task::{Task, panic_text},
};

/// How many tenants are asked for at a time.
const BATCH: u32 = 64;
/// How many are worked on at a time.
const AT_ONCE: usize = 4;
/// For how long a tenant that failed is put off.
const PUT_OFF: Duration = Duration::from_secs(60);

/// The task.
pub(crate) struct RotateKeys {
    platform: Arc<dyn PlatformStore>,
    keys: Arc<chancery_keys::Context>,
}

impl RotateKeys {
    pub(crate) fn new(cx: &Context) -> Self {
        Self { platform: Arc::clone(&cx.platform), keys: Arc::clone(&cx.keys) }
    }

    async fn due(&self, limit: u32) -> Result<Vec<TenantId>, Fault> {
        self.platform.read().keys_due(self.keys.clock.now(), limit).await
    }

    /// Works on those tenants, a few at a time. Gives those that are not to be tried again in this run.
    async fn rotate_all(&self, tenants: Vec<TenantId>) -> BTreeSet<TenantId> {
        let mut crew = Crew { keys: Arc::clone(&self.keys), running: JoinSet::new(), at_work: Vec::new() };
        let mut left = BTreeSet::new();
        for tenant in tenants {
            if crew.at_work.len() == AT_ONCE {
                left.extend(crew.next_left().await);
            }
            crew.begin(tenant);
        }
        while !crew.at_work.is_empty() {
            left.extend(crew.next_left().await);
        }
        left
    }
}

#[async_trait]
impl Task for RotateKeys {
    fn name(&self) -> &'static str {
        "rotate_keys"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(!self.due(1).await?.is_empty())
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let mut left = BTreeSet::new();
        while !stop.is_cancelled() {
            let mut due = self.due(BATCH).await?;
            due.retain(|tenant| !left.contains(tenant));
            if due.is_empty() {
                break;
            }
            left.extend(self.rotate_all(due).await);
        }
        Ok(())
    }
}

/// The tenants being worked on, each in a task of its own: a panic over one is no panic over all.
struct Crew {
    keys: Arc<chancery_keys::Context>,
    running: JoinSet<Result<Applied, RotateError>>,
    at_work: Vec<(Id, TenantId)>,
}

impl Crew {
    fn begin(&mut self, tenant: TenantId) {
        let keys = Arc::clone(&self.keys);
        let work =
            async move { rotate::apply(&keys, rotate::prepare(&keys, tenant, Ask::Due).await?, Actor::System).await };
        let handle = self.running.spawn(work.in_current_span());
        self.at_work.push((handle.id(), tenant));
    }

    /// Waits for one to end; gives its tenant when it is to be left alone for the rest of this run.
    async fn next_left(&mut self) -> Option<TenantId> {
        let ended = self.running.join_next_with_id().await?;
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let place = self.at_work.iter().position(|(of, _)| *of == id)?;
        let (_, tenant) = self.at_work.swap_remove(place);
        match ended {
            Ok((_, Ok(applied))) => {
                tracing::info!(tenant.id = %tenant, keys.steps = applied.taken.len(), "keys looked after");
                return None;
            }
            // Whoever moved them has planned again.
            Ok((_, Err(RotateError::Changed))) => {}
            Ok((_, Err(error))) => {
                tracing::error!(tenant.id = %tenant, error = %error, "keys could not be moved");
                self.put_off(tenant).await;
            }
            Err(broken) => {
                tracing::error!(tenant.id = %tenant, panic = panic_text(broken), "moving keys panicked");
                self.put_off(tenant).await;
            }
        }
        Some(tenant)
    }

    async fn put_off(&self, tenant: TenantId) {
        let later = self.keys.clock.now() + PUT_OFF;
        let put_off = async {
            let tx = self.keys.store.begin(tenant).await?;
            tx.keys().schedule(later).await?;
            tx.commit().await
        };
        if let Err(fault) = put_off.await {
            tracing::error!(tenant.id = %tenant, error = %fault, "a tenant could not be put off");
        }
    }
}

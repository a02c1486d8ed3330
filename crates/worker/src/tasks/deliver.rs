//! Delivers what is owed to clients: at least once, each place for itself, and given up after a day.
//!
//! An attempt is claimed, committed, and only then made, so a process that dies at any point loses nothing: its claims end
//! and the messages fall due again. A place that is slow holds a few attempts and nobody else's, and a tenant with many of
//! them holds a few more.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::Fault,
    id::TenantId,
    ports::{
        deliveries::{Made, MakeDelivery, Owed, Wish},
        outbound::{OutboundError, Post},
        platform::PlatformStore,
    },
    random::Random,
    time::Clock,
};
use tokio::{
    task::{Id, JoinSet},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    Context,
    task::{Task, panic_text},
};

/// How many attempts are made at once.
const AT_ONCE: usize = 32;
/// How many of them to one place.
const OF_ONE_PLACE: u32 = 4;
/// How many of them of one tenant, whose places can be any number of names.
const OF_ONE_TENANT: usize = 12;
/// How many of one tenant are claimed at a time: a tenant with room for fewer waits until some of its own have ended.
const CLAIMED_OF_ONE_TENANT: u32 = 4;
/// How long an attempt is claimed: longer than it can take.
const CLAIM: Duration = Duration::from_secs(60);
/// How soon it looks again for what fell due, while attempts are under way.
const LOOK: Duration = Duration::from_millis(250);
/// For how long it begins attempts before it lets itself be woken again.
const SHIFT: Duration = Duration::from_secs(20);
/// For how long it may run. An attempt ends within seconds.
const LIMIT: Duration = Duration::from_secs(40);

/// What messages are made and sent with.
#[derive(Clone)]
pub struct Outbox {
    /// Makes what goes over the wire.
    pub make: Arc<dyn MakeDelivery>,
    /// Sends it.
    pub post: Arc<dyn Post>,
}

/// The task. Clones do the same work.
#[derive(Clone)]
pub(crate) struct Deliver {
    platform: Arc<dyn PlatformStore>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    outbox: Outbox,
}

impl Deliver {
    pub(crate) fn new(cx: &Context, outbox: Outbox) -> Self {
        Self {
            platform: Arc::clone(&cx.platform),
            clock: Arc::clone(&cx.keys.clock),
            random: Arc::clone(&cx.keys.random),
            outbox,
        }
    }

    async fn claim(&self, most: usize, under_way: &HashMap<Id, (TenantId, String)>) -> Result<Vec<Owed>, Fault> {
        let (mut places, mut tenants) = (BTreeSet::new(), BTreeMap::<_, usize>::new());
        for (tenant, place) in under_way.values() {
            places.insert(place);
            *tenants.entry(*tenant).or_default() += 1;
        }
        let is_full = |many: usize| many + CLAIMED_OF_ONE_TENANT as usize > OF_ONE_TENANT;
        let wish = Wish {
            most: u32::try_from(most).unwrap_or(u32::MAX),
            of_one_place: OF_ONE_PLACE,
            of_one_tenant: CLAIMED_OF_ONE_TENANT,
            not_for: places.into_iter().cloned().collect(),
            not_of: tenants.into_iter().filter(|(_, many)| is_full(*many)).map(|(tenant, _)| tenant).collect(),
        };
        let now = self.clock.now();
        let tx = self.platform.begin().await?;
        let owed = tx.deliveries().claim(now, now + CLAIM, &wish).await?;
        if !owed.is_empty() {
            tx.commit().await?;
        }
        Ok(owed)
    }

    /// One attempt, and what is written about it.
    async fn attempt(&self, owed: &Owed) -> Result<(), Fault> {
        let failed = match self.outbox.make.make(owed).await {
            Ok(Made::Nothing) => None,
            // Whoever answers so says that the message itself is wrong (OpenID Connect Back-Channel Logout section 2.8).
            Ok(Made::Form { target, pairs }) => match self.send(owed, &target, &pairs).await {
                Ok(()) => None,
                Err(OutboundError::Status(400)) => return self.give_up(owed, "rejected").await,
                Err(error) => Some(error.label()),
            },
            Err(fault) => {
                tracing::error!(tenant.id = %owed.tenant, delivery.id = %owed.delivery.id, error = %fault, "a delivery could not be made");
                Some("fault")
            }
        };
        let Some(error) = failed else {
            let tx = self.platform.begin().await?;
            tx.deliveries().settle(owed).await?;
            return tx.commit().await;
        };
        let now = self.clock.now();
        match owed.delivery.next_after_failure(now, &*self.random) {
            Some(next) => {
                let tx = self.platform.begin().await?;
                tx.deliveries().put_off(owed, next, error).await?;
                tx.commit().await
            }
            None => self.give_up(owed, error).await,
        }
    }

    async fn send(&self, owed: &Owed, target: &str, pairs: &[(&'static str, String)]) -> Result<(), OutboundError> {
        let target = self.outbox.post.check(target)?;
        let form: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.outbox.post.post(owed.tenant, &target, &form).await
    }

    /// The message and what tells that it was never taken, in one transaction.
    async fn give_up(&self, owed: &Owed, error: &'static str) -> Result<(), Fault> {
        let Owed { tenant, delivery } = owed;
        let tx = self.platform.begin().await?;
        if !tx.deliveries().settle(owed).await? {
            return Ok(());
        }
        let event = AuditEvent::new(Some(*tenant), self.clock.now(), Actor::System, Action::DeliveryAbandoned);
        let client = tx.of(*tenant).clients().find_by_uid(delivery.client).await?;
        let event = match client {
            Some(client) => event.about(Noun::Client, &client.id),
            None => event,
        };
        tx.audit(event.because(error).noting(delivery.kind.label().to_owned())).await?;
        tx.commit().await?;
        tracing::warn!(tenant.id = %tenant, delivery.id = %delivery.id, delivery.attempts = delivery.attempts, error, "a delivery was given up");
        Ok(())
    }
}

#[async_trait]
impl Task for Deliver {
    fn name(&self) -> &'static str {
        "deliver"
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        self.platform.read().deliveries().is_any_due(self.clock.now()).await
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let end = Instant::now() + SHIFT;
        let (mut attempts, mut under_way) = (JoinSet::new(), HashMap::new());
        loop {
            let may_begin = !stop.is_cancelled() && Instant::now() < end;
            let free = if may_begin { AT_ONCE - attempts.len() } else { 0 };
            let owed = if free > 0 { self.claim(free, &under_way).await? } else { Vec::new() };
            for owed in owed {
                let (task, whose) = (self.clone(), (owed.tenant, owed.delivery.place.clone()));
                let attempt = async move {
                    if let Err(fault) = task.attempt(&owed).await {
                        tracing::error!(delivery.id = %owed.delivery.id, error = %fault, "a delivery could not be noted");
                    }
                };
                under_way.insert(attempts.spawn(attempt.in_current_span()).id(), whose);
            }
            if attempts.is_empty() {
                return Ok(());
            }
            // Whatever ends frees its place; and what falls due elsewhere meanwhile does not wait for it.
            if let Ok(Some(ended)) = timeout(LOOK, attempts.join_next_with_id()).await {
                let id = match ended {
                    Ok((id, ())) => id,
                    Err(broken) => {
                        let id = broken.id();
                        tracing::error!(panic = panic_text(broken), "a delivery panicked");
                        id
                    }
                };
                under_way.remove(&id);
            }
        }
    }
}

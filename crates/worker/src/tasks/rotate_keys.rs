//! Moves the keys of every tenant where the store says that something is due. What is to be done with them is the
//! plan's affair; a tenant that fails is put off for a minute and holds nobody up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{audit::Actor, fault::Fault, id::TenantId};
use chancery_keys::rotate::{self, Applied, RotateError};
use metrics::counter;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    Context,
    measure::FAILURES,
    pace::{Batch, Pace},
    task::{Task, panic_text},
};

/// For how long a tenant that failed is put off.
const PUT_OFF: Duration = Duration::from_secs(60);

/// What came of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// The tenants whose keys were moved.
    pub tenants: u32,
    /// The tenants that were left alone: put off after a failure, or somebody else was faster.
    pub left: u32,
    /// Whether the time was up, or `stop` was cancelled, before everything was done.
    pub unfinished: bool,
}

/// One sweep, which is what the task does: moves the keys of every tenant that is due, a few at once and many at a
/// gentle pace, for at most three quarters of a minute.
pub async fn rotate_due(cx: &Context, stop: &CancellationToken) -> Result<Rotated, Fault> {
    let mut left = BTreeSet::new();
    let mut rotated = Rotated::default();
    let mut pace = Pace::begin();
    while !stop.is_cancelled()
        && let Some(batch) = pace.next()
    {
        let known = u32::try_from(left.len()).unwrap_or(u32::MAX);
        let mut due = due(cx, batch.size.saturating_add(known)).await?;
        due.retain(|tenant| !left.contains(tenant));
        due.truncate(batch.size as usize);
        if due.is_empty() {
            return Ok(rotated);
        }
        let moved = rotate_some(cx, due, batch, &pace, &mut left).await;
        rotated.left = u32::try_from(left.len()).unwrap_or(u32::MAX);
        rotated.tenants = rotated.tenants.saturating_add(moved);
        pace.rest(moved + rotated.left - known, stop).await;
    }
    Ok(Rotated { unfinished: true, ..rotated })
}

async fn due(cx: &Context, limit: u32) -> Result<Vec<TenantId>, Fault> {
    cx.platform.read().keys_due(cx.keys.clock.now(), limit).await
}

/// Works on the first of those tenants, as many as there is time for. Gives the number of those whose keys were moved,
/// and adds to `left` those that are not to be tried again in this sweep.
async fn rotate_some(
    cx: &Context,
    tenants: Vec<TenantId>,
    batch: Batch,
    pace: &Pace,
    left: &mut BTreeSet<TenantId>,
) -> u32 {
    let mut crew = Crew { keys: Arc::clone(&cx.keys), running: JoinSet::new(), at_work: Vec::new() };
    let mut moved = 0;
    let mut waiting = tenants.into_iter();
    loop {
        if crew.at_work.len() < batch.at_once
            && pace.has_time()
            && let Some(tenant) = waiting.next()
        {
            crew.begin(tenant);
            continue;
        }
        match crew.next_ended().await {
            Some(Ended::Moved) => moved += 1,
            Some(Ended::Left(tenant)) => drop(left.insert(tenant)),
            None => return moved,
        }
    }
}

/// What came of one tenant.
enum Ended {
    /// Its keys were moved.
    Moved,
    /// It is to be left alone for the rest of the sweep.
    Left(TenantId),
}

/// The task.
pub(crate) struct RotateKeys(Context);

impl RotateKeys {
    pub(crate) fn new(cx: &Context) -> Self {
        Self(cx.clone())
    }
}

#[async_trait]
impl Task for RotateKeys {
    fn name(&self) -> &'static str {
        "rotate_keys"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(!due(&self.0, 1).await?.is_empty())
    }

    async fn run(&self, stop: CancellationToken) -> Result<(), Fault> {
        let rotated = rotate_due(&self.0, &stop).await?;
        if rotated.unfinished && !stop.is_cancelled() {
            tracing::info!(tenants.done = rotated.tenants, "more keys are due than a run looks after");
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
        let work = async move { rotate::look_after(&keys, tenant, Actor::System).await };
        let handle = self.running.spawn(work.in_current_span());
        self.at_work.push((handle.id(), tenant));
    }

    /// Waits for one to end; `None` when nobody is at work.
    async fn next_ended(&mut self) -> Option<Ended> {
        let ended = self.running.join_next_with_id().await?;
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let place = self.at_work.iter().position(|(of, _)| *of == id)?;
        let (_, tenant) = self.at_work.swap_remove(place);
        match ended {
            Ok((_, Ok(applied))) => {
                tracing::info!(tenant.id = %tenant, keys.steps = applied.taken.len(), "keys looked after");
                return Some(Ended::Moved);
            }
            // Whoever moved them has planned again.
            Ok((_, Err(RotateError::Changed))) => {}
            Ok((_, Err(error))) => {
                tracing::error!(tenant.id = %tenant, error = %error, "keys could not be moved");
                counter!(FAILURES, "kind" => "fault").increment(1);
                self.put_off(tenant).await;
            }
            Err(broken) => {
                tracing::error!(tenant.id = %tenant, panic = panic_text(broken), "moving keys panicked");
                counter!(FAILURES, "kind" => "panic").increment(1);
                self.put_off(tenant).await;
            }
        }
        Some(Ended::Left(tenant))
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

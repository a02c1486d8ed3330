//! Re-wrapping: every tenant's own key is opened with the master key that it is sealed under and sealed under the first
//! one. What the key itself seals stays as it is, so this is one short row for each tenant, and nobody notices.
//!
//! It goes in small transactions, each guarded by the very bytes that were opened: killed anywhere, it goes on from what
//! the rows say; done twice at once, one of the two changes nothing. A master key that seals nothing any more is
//! released in the transaction that counted.

mod order;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent, Author},
    change::Noun,
    fault::{Fault, WriteError},
    id::{MasterKeyId, TenantId},
    ports::{
        platform::{MasterKeyCheck, PlatformTx},
        rewrap::SealedCount,
        store::SealedKek,
    },
    rewrap::RewrapState,
    time::Timestamp,
};

pub use self::order::{Order, RewrapError, pause, resume, start};
use crate::Context;

/// Whether this process is to move keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No re-wrap is running.
    Idle,
    /// One is running, to a key that this process does not seal under: while a configuration is being rolled out, the
    /// processes that have it go on alone.
    Foreign {
        /// The key that tenants' keys move to.
        target: MasterKeyId,
    },
    /// One is running, to the key that this process seals under.
    Ours {
        /// That key.
        target: MasterKeyId,
    },
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// There may be more to do.
    Moved {
        /// Tenants whose key is now sealed under the target.
        moved: u32,
        /// Tenants whose key did not open.
        failed: u32,
    },
    /// Everything that opens is sealed under the target.
    Done,
    /// It is paused, or over, or not this process's.
    Stopped,
    /// What is left is sealed under keys that this process does not have.
    Stuck {
        /// Those keys.
        missing: Vec<MasterKeyId>,
    },
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Tenants.
    pub total: u64,
    /// Those whose key is sealed under the target.
    pub done: u64,
    /// Those whose key does not open.
    pub failed: u64,
}

impl Progress {
    /// How far all keys are on their way to that one.
    #[must_use]
    pub fn towards(target: &MasterKeyId, counts: &[SealedCount]) -> Self {
        let mut progress = Self { total: 0, done: 0, failed: 0 };
        for count in counts {
            progress.total += count.tenants;
            if count.master_key == *target {
                progress.done += count.tenants;
            } else {
                progress.failed += count.failed;
            }
        }
        progress
    }
}

/// Whether this process is to move keys: one read.
pub async fn standing(cx: &Context) -> Result<Standing, Fault> {
    let sealing = cx.masters.sealing_id()?;
    let found = cx.platform.read().rewraps().find().await?;
    Ok(match found {
        Some(rewrap) if rewrap.goes_on_under(sealing) => Standing::Ours { target: rewrap.target },
        Some(rewrap) if rewrap.state() == RewrapState::Running => Standing::Foreign { target: rewrap.target },
        Some(_) | None => Standing::Idle,
    })
}

/// Moves at most that many keys, or finds that there are none left.
pub async fn step(cx: &Context, most: u32) -> Result<Step, Fault> {
    let Standing::Ours { target } = standing(cx).await? else { return Ok(Step::Stopped) };
    let reader = cx.platform.read();
    for older in cx.masters.ids().filter(|id| **id != target) {
        let rows = reader.rewraps().sealed_under(older, most).await?;
        if !rows.is_empty() {
            return move_keys(cx, &target, rows).await;
        }
    }
    settle(cx, &target, &reader.master_keys().await?).await
}

/// A key that does not open is noted, and stays as it is.
async fn move_keys(cx: &Context, target: &MasterKeyId, rows: Vec<(TenantId, SealedKek)>) -> Result<Step, Fault> {
    let mut work = Vec::with_capacity(rows.len());
    for (tenant, from) in rows {
        let to = cx.masters.reseal_kek(tenant, &from)?;
        work.push((tenant, from, to));
    }
    let (tx, now) = (cx.platform.begin().await?, cx.clock.now());
    let rewraps = tx.rewraps();
    if !rewraps.take_turn(target, now).await? {
        return Ok(Step::Stopped);
    }
    let (mut moved, mut broken) = (0, Vec::new());
    for (tenant, from, to) in work {
        match to {
            Some(to) => moved += u32::from(rewraps.replace(tenant, &from, &to).await?),
            None if rewraps.note_failure(tenant, &from, now).await? => broken.push((tenant, from.master_key)),
            None => {}
        }
    }
    tx.commit().await?;
    for (tenant, master) in &broken {
        tracing::error!(tenant.id = %tenant, master_key.id = %master, "a tenant's key does not open and is left behind");
    }
    Ok(Step::Moved { moved, failed: u32::try_from(broken.len()).unwrap_or(u32::MAX) })
}

/// Releases the keys that seal nothing any more, and ends the re-wrap when nothing is left to move.
async fn settle(cx: &Context, target: &MasterKeyId, checks: &[MasterKeyCheck]) -> Result<Step, Fault> {
    let (tx, now) = (cx.platform.begin().await?, cx.clock.now());
    if !tx.rewraps().take_turn(target, now).await? {
        return Ok(Step::Stopped);
    }
    for MasterKeyCheck { id, .. } in checks.iter().filter(|check| check.id != *target) {
        if tx.rewraps().release(id).await? {
            tx.audit(event(Actor::System, Action::MasterKeyReleased, id, now)).await?;
        }
    }
    let is_left = |count: &SealedCount| count.master_key != *target && count.tenants > count.failed;
    let counts = tx.rewraps().counts().await?;
    let left: Vec<MasterKeyId> = counts.into_iter().filter(is_left).map(|count| count.master_key).collect();
    let step = if left.is_empty() {
        finish(&*tx, now).await?;
        Step::Done
    } else if left.iter().any(|id| cx.masters.holds(id)) {
        // Made while this one looked.
        Step::Moved { moved: 0, failed: 0 }
    } else {
        Step::Stuck { missing: left }
    };
    tx.commit().await?;
    Ok(step)
}

async fn finish(tx: &dyn PlatformTx, now: Timestamp) -> Result<(), Fault> {
    let found = tx.rewraps().find().await?.ok_or_else(|| Fault::bug("the re-wrap in progress is gone"))?;
    let done = found.finish(now).map_err(|illegal| Fault::broken("the re-wrap in progress", illegal))?;
    tx.rewraps().put(&done).await.map_err(|error| match error {
        WriteError::Fault(fault) => fault,
        WriteError::Stale | WriteError::Taken(_) => Fault::bug("the re-wrap was written in spite of the turn"),
    })?;
    tx.audit(event(Actor::System, Action::RewrapFinished, &done.target, now)).await
}

fn event(by: impl Into<Author>, action: Action, master: &MasterKeyId, now: Timestamp) -> AuditEvent {
    AuditEvent::new(None, now, by, action).about(Noun::MasterKey, master)
}

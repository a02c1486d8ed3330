//! The bad day: a key is suspected, or known to others. Prepared outside any transaction, written in one: the key goes,
//! the standby key takes over, and the next one is announced.

use chancery_domain::{
    audit::Author,
    fault::{Fault, WriteError},
    id::{KeyId, TenantId},
    key::{Key, KeyState},
    key_policy::ALARM,
    ports::store::TenantRows,
    time::Timestamp,
    vocabulary::Algorithm,
};

use crate::{
    Context,
    carry::{Draft, Work},
    plan::{self, AlarmRefused, Rules},
    step::KeyStep,
};
pub use crate::{
    carry::Applied,
    plan::{Alarm, Severity, Target},
};

/// Why an alarm is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AlarmError {
    /// There is no such key.
    #[error("there is no such key")]
    NotFound,
    /// The key is beyond this already.
    #[error("the key is {state} already")]
    TooLate {
        /// Where it stands.
        state: &'static str,
    },
    /// No announced key is left that could take over.
    #[error("no announced {algorithm} key is left that could take over")]
    LastKey {
        /// Of this algorithm.
        algorithm: Algorithm,
    },
    /// Somebody else has moved the keys or changed the policy in the meantime.
    #[error("changed by somebody else in the meantime")]
    Changed,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// An alarm that is ready to be written, or to be thrown away.
#[derive(Clone, Debug)]
pub struct PreparedAlarm {
    work: Work,
    reason: String,
}

impl PreparedAlarm {
    /// Whether it does anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.work.steps().is_empty()
    }

    /// To be called once it was written and committed, or thrown away: custodians destroy what nobody needs any more.
    /// [`apply`] does so itself.
    pub async fn settle(&self, cx: &Context, written: Option<&Applied>) {
        self.work.settle(cx, written).await;
    }

    /// What it would do to the keys that there are.
    #[must_use]
    pub fn preview(&self, now: Timestamp) -> Applied {
        self.work.preview(now)
    }

    /// From when on every verifier knows the keys that take over. Where that lies ahead, one that keeps its copy of the
    /// JWK Set for longer than `max-age` says may have to read it again.
    #[must_use]
    pub fn known_from(&self, now: Timestamp) -> Option<Timestamp> {
        self.work.known_from(now)
    }

    /// Until when something that the keys signed could have lived. `None` where they signed nothing that still can.
    #[must_use]
    pub fn tokens_live_until(&self, now: Timestamp) -> Option<Timestamp> {
        let going = self.work.keys().iter().filter(|key| {
            let gone = |step: &KeyStep| matches!(step, KeyStep::Taint(_) | KeyStep::Compromise(_));
            self.work.steps().iter().any(|step| gone(step) && step.moves() == Some(&key.id))
        });
        let lives = going.filter_map(|key| match key.state() {
            KeyState::Active { .. } => Some(key.promise.kept_by(&self.work.rules().margins, now)),
            KeyState::Retiring { retire_at, .. } | KeyState::Tainted { retire_at, .. } => Some(retire_at),
            KeyState::Generated
            | KeyState::Standby { .. }
            | KeyState::Retired { .. }
            | KeyState::Purged
            | KeyState::Compromised { .. } => None,
        });
        lives.max().filter(|until| *until > now)
    }

    /// When the clock rotates next, once it is done.
    #[must_use]
    pub fn next_rotation(&self, now: Timestamp) -> Option<Timestamp> {
        let (work, rules) = (&self.work, self.work.rules());
        plan::next_rotation(&plan::after(work.steps(), work.keys(), rules, now), rules)
    }

    /// The rules that it was planned by.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        self.work.rules()
    }

    /// A key as it was read.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> Option<&Key> {
        self.work.keys().iter().find(|key| key.id == *id)
    }
}

/// Reads, asks the plan, makes and seals new keys. Nothing is written. `reason` goes into the audit.
pub async fn prepare(
    cx: &Context,
    tenant: TenantId,
    alarm: &Alarm,
    reason: String,
) -> Result<PreparedAlarm, AlarmError> {
    let reader = cx.store.read(tenant);
    let (policy, keys) = (reader.keys().policy().await?, reader.keys().all().await?);
    let now = cx.database_time().await?;
    let rules = Rules::of(policy, cx.margins, tenant, now)?;
    let steps = plan::emergency(&keys, &rules, alarm, now)?;
    let kek = cx.masters.open_kek(tenant, &reader.keys().kek().await?)?;
    let work = Work::prepare(cx, &kek, Draft { tenant, rules, keys, steps }).await?;
    Ok(PreparedAlarm { work, reason })
}

/// Writes what was prepared within the caller's transaction, with its audit events.
pub async fn write(
    rows: &dyn TenantRows,
    prepared: &PreparedAlarm,
    by: impl Into<Author> + Send,
    now: Timestamp,
) -> Result<Applied, AlarmError> {
    Ok(prepared.work.write(rows, &by.into(), Some(&prepared.reason), now).await?)
}

/// Writes what was prepared in a transaction of its own, and counts it.
pub async fn apply(
    cx: &Context,
    prepared: &PreparedAlarm,
    by: impl Into<Author> + Send,
) -> Result<Applied, AlarmError> {
    let by = by.into();
    let written = async {
        let now = cx.database_time().await?;
        let tx = cx.store.begin(prepared.work.tenant()).await?;
        let applied = write(tx.as_ref(), prepared, by.clone(), now).await?;
        tx.commit().await?;
        applied.measure(&by.actor);
        Ok(applied)
    };
    let written = written.await;
    prepared.settle(cx, written.as_ref().ok()).await;
    written
}

/// Until when the JWK Set is to be kept for a short time only, so that verifiers hear of it soon: for a day after a key
/// was compromised.
#[must_use]
pub fn lasts_until(keys: &[Key]) -> Option<Timestamp> {
    let compromised = keys.iter().filter_map(|key| match key.state() {
        KeyState::Compromised { at } => Some(at + ALARM),
        KeyState::Generated
        | KeyState::Standby { .. }
        | KeyState::Active { .. }
        | KeyState::Retiring { .. }
        | KeyState::Retired { .. }
        | KeyState::Purged
        | KeyState::Tainted { .. } => None,
    });
    compromised.max()
}

impl From<AlarmRefused> for AlarmError {
    fn from(refused: AlarmRefused) -> Self {
        match refused {
            AlarmRefused::NotFound => Self::NotFound,
            AlarmRefused::TooLate { state } => Self::TooLate { state },
            AlarmRefused::LastKey { algorithm } => Self::LastKey { algorithm },
        }
    }
}

impl From<WriteError> for AlarmError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale | WriteError::Taken(_) => Self::Changed,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

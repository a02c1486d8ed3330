//! Moving keys: prepared outside any transaction, written in one. However many try at once, one succeeds and the
//! others hear that the keys have moved.

use chancery_domain::{
    audit::Author,
    fault::{Fault, WriteError},
    id::TenantId,
    ports::store::TenantRows,
    time::Timestamp,
    vocabulary::Algorithm,
};

pub use crate::carry::Applied;
use crate::{
    Context,
    carry::{Draft, Work},
    measure,
    plan::{self, RotationRefused, Rules},
};

/// Who asks, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The clock: whatever the plan says is due.
    Due,
    /// An operator: the standby key takes over now.
    Now {
        /// Of one algorithm, or of all that the policy names.
        algorithm: Option<Algorithm>,
        /// Even if a verifier could not know the standby key yet.
        immediate: bool,
    },
}

/// Why keys were not moved.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The standby key has not been announced for long enough.
    #[error("the standby key is not known to every verifier yet")]
    NotYet {
        /// From when on it is.
        from: Timestamp,
    },
    /// Somebody else has moved the keys or changed the policy in the meantime.
    #[error("changed by somebody else in the meantime")]
    Changed,
    /// The key policy does not name the algorithm.
    #[error("the key policy does not name the algorithm")]
    NoSuchAlgorithm,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A rotation that is ready to be written, or to be thrown away.
#[derive(Clone, Debug)]
pub struct Prepared(Work);

impl Prepared {
    /// The tenant whose keys these are.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.0.tenant()
    }

    /// To be called once it was written and committed, or thrown away: custodians destroy what nobody needs any more.
    /// [`apply`] does so itself.
    pub async fn settle(&self, cx: &Context, written: Option<&Applied>) {
        self.0.settle(cx, written).await;
    }
}

/// Reads, asks the plan, makes and seals new keys. Nothing is written.
pub async fn prepare(cx: &Context, tenant: TenantId, ask: Ask) -> Result<Prepared, RotateError> {
    let reader = cx.store.read(tenant);
    let (policy, keys) = (reader.keys().policy().await?, reader.keys().all().await?);
    let now = cx.database_time().await?;
    let rules = Rules::of(policy, cx.margins, tenant, now)?;
    let steps = match ask {
        Ask::Due => plan::plan(&keys, &rules, now).steps,
        Ask::Now { algorithm, immediate } => plan::rotation(&keys, &rules, algorithm, immediate, now)?,
    };
    let kek = cx.masters.open_kek(tenant, &reader.keys().kek().await?)?;
    Ok(Prepared(Work::prepare(cx, &kek, Draft { tenant, rules, keys, steps }).await?))
}

/// Writes what was prepared within the caller's transaction, with its audit events.
pub async fn write(
    rows: &dyn TenantRows,
    prepared: &Prepared,
    by: impl Into<Author> + Send,
    now: Timestamp,
) -> Result<Applied, RotateError> {
    Ok(prepared.0.write(rows, &by.into(), None, now).await?)
}

/// Does what is due with a tenant's keys, and then takes the second look at what that began: from when on its time
/// counts. Should the process end in between, whoever looks next takes it.
pub async fn look_after(cx: &Context, tenant: TenantId, by: impl Into<Author> + Send) -> Result<Applied, RotateError> {
    let by = by.into();
    let applied = apply(cx, prepare(cx, tenant, Ask::Due).await?, by.clone()).await?;
    if !applied.taken.iter().any(|(_, key)| !key.is_settled()) {
        return Ok(applied);
    }
    let settled = apply(cx, prepare(cx, tenant, Ask::Due).await?, by).await?;
    Ok(Applied { due: settled.due, ..applied })
}

/// Writes what was prepared in a transaction of its own, and counts it.
pub async fn apply(cx: &Context, prepared: Prepared, by: impl Into<Author> + Send) -> Result<Applied, RotateError> {
    let by = by.into();
    let written = async {
        let now = cx.database_time().await?;
        let tx = cx.store.begin(prepared.tenant()).await?;
        let applied = write(tx.as_ref(), &prepared, by.clone(), now).await?;
        tx.commit().await?;
        Ok((applied, now))
    };
    let written: Result<_, RotateError> = written.await;
    prepared.settle(cx, written.as_ref().ok().map(|(applied, _)| applied)).await;
    let (applied, now) = written?;
    applied.measure(&by.actor);
    if let Some(due) = prepared.0.rotation_was_due().filter(|_| applied.rotated()) {
        measure::delayed(now.since(due));
    }
    Ok(applied)
}

impl From<RotationRefused> for RotateError {
    fn from(refused: RotationRefused) -> Self {
        match refused {
            RotationRefused::NotYet { from } => Self::NotYet { from },
            RotationRefused::NoSuchAlgorithm => Self::NoSuchAlgorithm,
        }
    }
}

impl From<WriteError> for RotateError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale | WriteError::Taken(_) => Self::Changed,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

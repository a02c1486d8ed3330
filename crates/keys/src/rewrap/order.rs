//! What operators order: start, pause and resume. Each is one guarded write in the caller's transaction, with its event.

use chancery_domain::{
    audit::{Action, Actor, Author},
    fault::{Fault, IllegalMove, WriteError},
    id::MasterKeyId,
    ports::platform::PlatformTx,
    rewrap::{Rewrap, RewrapState, Unfinished},
    time::Timestamp,
};

use super::{Progress, event};
use crate::Context;

/// An operator's order to begin.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who orders it: a caller of the admin API.
    pub by: Author,
    /// Why, in their own words.
    pub reason: String,
    /// When.
    pub now: Timestamp,
}

/// Why an order is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum RewrapError {
    /// There is another one that is not over.
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
    /// Every tenant's key is sealed under the first master key, and no other is in use.
    #[error("everything is sealed under {target} already")]
    NothingToDo {
        /// The first master key.
        target: MasterKeyId,
    },
    /// The first master key of this process was released: its configuration is an old one.
    #[error("the master key {target} has left use")]
    Released {
        /// The first master key.
        target: MasterKeyId,
    },
    /// There has never been one.
    #[error("there is no re-wrap")]
    Absent,
    /// It is in a state that does not allow it.
    #[error("the re-wrap is {}", .0.label())]
    State(RewrapState),
    /// Somebody else gave an order at the same time.
    #[error("changed by somebody else in the meantime")]
    Changed,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Begins to move every tenant's key under the first master key of this process. Those that failed before are tried
/// again.
pub async fn start(cx: &Context, tx: &dyn PlatformTx, order: Order) -> Result<Rewrap, RewrapError> {
    let Order { by, reason, now } = order;
    let Actor::Admin(principal) = by.actor.clone() else {
        return Err(Fault::bug("a re-wrap was ordered by nobody who calls the admin API").into());
    };
    let target = cx.masters.sealing_id()?.clone();
    let last = tx.rewraps().find().await?;
    let rewrap = Rewrap::start(last.as_ref(), target.clone(), principal, now)?;
    let checks = cx.platform.read().master_keys().await?;
    if checks.iter().all(|check| check.id != target) {
        return Err(RewrapError::Released { target });
    }
    let Progress { total, done, .. } = Progress::towards(&target, &tx.rewraps().counts().await?);
    if total == done && checks.iter().all(|check| check.id == target) {
        return Err(RewrapError::NothingToDo { target });
    }
    tx.rewraps().put(&rewrap).await?;
    tx.rewraps().forget_failures().await?;
    tx.audit(event(by, Action::RewrapStarted, &target, now).noting(reason)).await?;
    Ok(rewrap)
}

/// Stops it: when the transaction is committed, nothing moves any more.
pub async fn pause(tx: &dyn PlatformTx, by: impl Into<Author> + Send, now: Timestamp) -> Result<Rewrap, RewrapError> {
    turn(tx, by.into(), (Rewrap::pause, Action::RewrapPaused), now).await
}

/// Lets it go on.
pub async fn resume(tx: &dyn PlatformTx, by: impl Into<Author> + Send, now: Timestamp) -> Result<Rewrap, RewrapError> {
    turn(tx, by.into(), (Rewrap::resume, Action::RewrapResumed), now).await
}

/// A move between states, and what the audit calls it.
type Turn = (fn(Rewrap, Timestamp) -> Result<Rewrap, IllegalMove>, Action);

async fn turn(tx: &dyn PlatformTx, by: Author, (to, action): Turn, now: Timestamp) -> Result<Rewrap, RewrapError> {
    let last = tx.rewraps().find().await?.ok_or(RewrapError::Absent)?;
    let state = last.state();
    let turned = to(last, now).map_err(|_| RewrapError::State(state))?;
    tx.rewraps().put(&turned).await?;
    tx.audit(event(by, action, &turned.target, now)).await?;
    Ok(turned)
}

impl From<WriteError> for RewrapError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale | WriteError::Taken(_) => Self::Changed,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

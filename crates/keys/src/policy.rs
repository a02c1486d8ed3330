//! Changing a tenant's key policy. An algorithm that is new gets its active and standby key in the same transaction;
//! the keys of one that is given up stop signing and stay published for as long as what they signed may live.
//!
//! The default algorithm is the first of the policy. It may move only to an algorithm whose active key every verifier
//! knows: to change it, add the algorithm, wait until its key has been announced, then put it first.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::{Fault, WriteError},
    id::TenantId,
    key::{Key, KeyState},
    key_policy::KeyPolicy,
    ports::store::TenantRows,
    time::Timestamp,
    version::Version,
    vocabulary::Algorithm,
};

use crate::{
    Context,
    carry::{Applied, Draft, Work},
    plan,
};

/// Why a policy was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The key of the new default algorithm has not been announced for long enough.
    #[error("the key of the new default algorithm is not known to every verifier yet")]
    NotYet {
        /// From when on it is.
        from: Timestamp,
    },
    /// The new default algorithm has no key: it must be among the algorithms first, behind the default.
    #[error("{algorithm} must be added behind the default algorithm before it can be the default")]
    NotAnnounced {
        /// The new default algorithm.
        algorithm: Algorithm,
    },
    /// Somebody else has changed the policy or moved the keys in the meantime.
    #[error("changed by somebody else in the meantime")]
    Changed,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A policy with the steps that it brings, ready to be written or to be thrown away.
#[derive(Clone, Debug)]
pub struct PreparedPolicy(Work);

/// What was written.
#[derive(Clone, Debug)]
pub struct AppliedPolicy {
    /// The version of the policy now.
    pub version: Version,
    /// What it did to the keys.
    pub keys: Applied,
}

/// Reads, asks the plan under the new policy, makes and seals new keys. `policy` was checked, and carries the version
/// that its caller has seen. Nothing is written.
pub async fn prepare(cx: &Context, tenant: TenantId, policy: &KeyPolicy) -> Result<PreparedPolicy, PolicyError> {
    let reader = cx.store.read(tenant);
    let (current, keys) = (reader.keys().policy().await?, reader.keys().all().await?);
    let now = cx.clock.now();
    default_is_known(&keys, &current, policy, now)?;
    let steps = plan::plan(&keys, policy, plan::spread(tenant), now).steps;
    let kek = cx.masters.open_kek(tenant, &reader.keys().kek().await?)?;
    let draft = Draft { tenant, policy: policy.clone(), keys, steps };
    Ok(PreparedPolicy(Work::prepare(cx, &kek, draft).await?))
}

/// Writes the policy and its steps within the caller's transaction, with their audit events.
pub async fn write(
    rows: &dyn TenantRows,
    prepared: &PreparedPolicy,
    actor: Actor,
    now: Timestamp,
) -> Result<AppliedPolicy, PolicyError> {
    let (work, tenant) = (&prepared.0, prepared.0.tenant());
    let due = work.take_turn(rows, now).await?;
    let version = rows.keys().put_policy(work.policy(), now).await?;
    let keys = Applied { taken: work.carry_out(rows, now).await?, due };
    let event = AuditEvent::new(Some(tenant), now, actor.clone(), Action::Updated);
    rows.audit(event.about(Noun::KeyPolicy, &tenant)).await?;
    keys.audit(rows, tenant, &actor, now).await?;
    Ok(AppliedPolicy { version, keys })
}

/// Tokens of the new default are signed from the next request on, so its key must be known by now. Verifiers may hold
/// what the former policy told them to hold.
fn default_is_known(keys: &[Key], current: &KeyPolicy, new: &KeyPolicy, now: Timestamp) -> Result<(), PolicyError> {
    let algorithm = new.default_algorithm();
    if algorithm == current.default_algorithm() {
        return Ok(());
    }
    let active = keys.iter().find(|key| key.algorithm == algorithm && matches!(key.state(), KeyState::Active { .. }));
    let announced = active.and_then(|key| key.state().announced_at()).ok_or(PolicyError::NotAnnounced { algorithm })?;
    let from = announced + new.announce.max(current.announce);
    if from > now { Err(PolicyError::NotYet { from }) } else { Ok(()) }
}

impl From<WriteError> for PolicyError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale | WriteError::Taken(_) => Self::Changed,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

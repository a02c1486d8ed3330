//! Changing a tenant's key policy. An algorithm that is new gets a standby key in the same transaction, which signs when
//! it has been announced; the keys of one that is given up stop signing and stay published for as long as what they
//! signed may live.
//!
//! The default algorithm is the first of the policy. Where that is a new one, the former default goes on signing until
//! the first key of the new one has been announced: nobody has to come back for it.

use chancery_domain::{
    audit::{Action, AuditEvent, Author},
    change::Noun,
    fault::{Fault, WriteError},
    id::TenantId,
    key_policy::{KeyPolicy, UnsafePolicy},
    ports::store::TenantRows,
    time::Timestamp,
    version::Version,
};

use crate::{
    Context,
    carry::{Applied, Draft, Work},
    plan::{self, Rules},
};

/// Why a policy was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A verifier could be broken by it, or it cannot be carried out.
    #[error(transparent)]
    Unsafe(#[from] UnsafePolicy),
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

impl PreparedPolicy {
    /// The policy as it would be written.
    #[must_use]
    pub const fn policy(&self) -> &KeyPolicy {
        &self.0.rules().policy
    }

    /// To be called once it was written and committed, or thrown away: custodians destroy what nobody needs any more.
    pub async fn settle(&self, cx: &Context, written: Option<&Applied>) {
        self.0.settle(cx, written).await;
    }

    /// What it would do to the keys.
    #[must_use]
    pub fn preview(&self, now: Timestamp) -> Applied {
        self.0.preview(now)
    }
}

/// What was written.
#[derive(Clone, Debug)]
pub struct AppliedPolicy {
    /// The version of the policy now.
    pub version: Version,
    /// What it did to the keys.
    pub keys: Applied,
}

/// Reads, checks the new policy by the formulas, asks the plan under it, makes and seals new keys. `policy` carries the
/// version that its caller has seen. Nothing is written.
pub async fn prepare(cx: &Context, tenant: TenantId, policy: &KeyPolicy) -> Result<PreparedPolicy, PolicyError> {
    let reader = cx.store.read(tenant);
    let (current, keys) = (reader.keys().policy().await?, reader.keys().all().await?);
    let now = cx.database_time().await?;
    let former = current.signing_algorithms(&keys).first().copied();
    let policy = KeyPolicy {
        interim: former.filter(|former| *former != policy.default_algorithm()),
        token_life: current.token_life,
        ..policy.clone()
    };
    let rules = Rules::checked(policy, cx.margins, tenant, now)?;
    let steps = plan::plan(&keys, &rules, now).steps;
    let kek = cx.masters.open_kek(tenant, &reader.keys().kek().await?)?;
    Ok(PreparedPolicy(Work::prepare(cx, &kek, Draft { tenant, rules, keys, steps }).await?))
}

/// Writes the policy and its steps within the caller's transaction, with their audit events.
pub async fn write(
    rows: &dyn TenantRows,
    prepared: &PreparedPolicy,
    by: impl Into<Author> + Send,
    now: Timestamp,
) -> Result<AppliedPolicy, PolicyError> {
    let (work, tenant, by) = (&prepared.0, prepared.0.tenant(), by.into());
    let version = rows.keys().put_policy(&work.rules().policy, now).await?;
    let due = work.take_turn(rows, now).await?;
    let keys = Applied { taken: work.carry_out(rows, now).await?, due };
    let event = AuditEvent::new(Some(tenant), now, by.clone(), Action::Updated);
    let event = event.between((version != Version::FIRST).then_some(work.rules().policy.version), version);
    rows.audit(event.about(Noun::KeyPolicy, &tenant)).await?;
    keys.audit(rows, tenant, &by, None, now).await?;
    Ok(AppliedPolicy { version, keys })
}

impl From<WriteError> for PolicyError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stale | WriteError::Taken(_) => Self::Changed,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}

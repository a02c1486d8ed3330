//! Founding: a new tenant's own key, its policy, and one active and one standby key for each algorithm, all in the
//! transaction that makes the tenant.

use chancery_domain::{
    fault::{Fault, WriteError},
    key_policy::KeyPolicy,
    ports::store::{SealedKek, TenantRows},
    tenant::Tenant,
    time::Timestamp,
};

use crate::{
    Context,
    carry::{Draft, Work},
    plan::{self, Rules},
};

/// What a tenant begins with, made and sealed and not written yet.
#[derive(Clone, Debug)]
pub struct Founding {
    kek: SealedKek,
    work: Work,
    now: Timestamp,
}

/// Makes everything that is slow, before any transaction is opened. `policy` is one that was checked.
pub async fn prepare(cx: &Context, tenant: &Tenant, policy: &KeyPolicy) -> Result<Founding, Fault> {
    let now = cx.clock.now();
    let (kek, sealed) = cx.masters.new_kek(tenant.id, cx.random.as_ref())?;
    let policy = KeyPolicy { token_life: tenant.settings.longest_life(), ..policy.clone() };
    let rules = Rules::of(policy, cx.margins, tenant.id, now)?;
    let first = plan::plan(&[], &rules, now);
    let draft = Draft { tenant: tenant.id, rules, keys: Vec::new(), steps: first.steps };
    let work = Work::prepare(cx, &kek, draft).await?;
    Ok(Founding { kek: sealed, work, now })
}

impl Founding {
    /// Writes the tenant's key, policy, keys and schedule; to be called after the tenant's row was inserted, in the
    /// same transaction. The event of the tenant's creation tells of these too.
    pub async fn write(&self, rows: &dyn TenantRows) -> Result<(), WriteError> {
        rows.keys().insert_kek(&self.kek).await?;
        rows.keys().put_policy(&self.work.rules().policy, self.now).await?;
        self.work.take_turn(rows, self.now).await?;
        self.work.carry_out(rows, self.now).await?;
        Ok(())
    }
}

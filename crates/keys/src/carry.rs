//! Carrying steps out: everything slow beforehand, then a few guarded writes.

use chancery_domain::{
    audit::{AuditEvent, Author},
    change::Noun,
    fault::{Fault, WriteError},
    id::TenantId,
    key::Key,
    ports::store::TenantRows,
    time::Timestamp,
};

use crate::{
    Context,
    kek::TenantKek,
    plan::{self, Rules},
    step::KeyStep,
};

/// Steps, and what they were planned from.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) tenant: TenantId,
    pub(crate) rules: Rules,
    /// Every key, as it was read.
    pub(crate) keys: Vec<Key>,
    pub(crate) steps: Vec<KeyStep>,
}

/// Steps with the keys that they make: ready to be written, or to be thrown away.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    draft: Draft,
    /// Generated and sealed, one for each step that makes a key, in their order.
    fresh: Vec<Key>,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The steps, each with its key as it is now.
    pub taken: Vec<(KeyStep, Key)>,
    /// When the keys want to be looked at again.
    pub due: Timestamp,
}

impl Work {
    /// Makes and seals the keys that the steps ask for.
    pub(crate) async fn prepare(cx: &Context, kek: &TenantKek, draft: Draft) -> Result<Self, Fault> {
        let mut fresh = Vec::new();
        for algorithm in draft.steps.iter().filter_map(KeyStep::makes) {
            let policy = &draft.rules.policy;
            let pair = cx.pair(draft.tenant, policy.spec_of(algorithm), policy.signer_of(algorithm)).await?;
            fresh.push(pair.into_key(kek, draft.tenant, cx.random.as_ref(), cx.clock.now())?);
        }
        Ok(Self { draft, fresh })
    }

    /// The same with a key that is there already: one that an operator brought.
    pub(crate) fn bringing(draft: Draft, key: Key) -> Self {
        Self { draft, fresh: vec![key] }
    }

    /// Lets custodians destroy what nobody needs any more: the keys that lost their private part, or, where nothing was
    /// written, those that were made for it. What fails is reported, and changes nothing for verifiers.
    pub(crate) async fn settle(&self, cx: &Context, written: Option<&Applied>) {
        if cx.custodians.names().next().is_none() {
            return;
        }
        let Draft { tenant, keys, .. } = &self.draft;
        let gone: Vec<&Key> = match written {
            None => self.fresh.iter().collect(),
            Some(applied) => {
                let lost = |key: &&Key| applied.taken.iter().any(|(_, now)| now.id == key.id && now.private.is_none());
                keys.iter().filter(|key| key.private.is_some()).filter(lost).collect()
            }
        };
        for key in gone {
            let released = async {
                let kek = cx.masters.open_kek(*tenant, &cx.store.read(*tenant).keys().kek().await?)?;
                cx.release(&kek, *tenant, key).await
            };
            if let Err(fault) = released.await {
                tracing::error!(tenant.id = %tenant, key.id = %key.id, error = %fault, "a held key was not destroyed");
            }
        }
    }

    pub(crate) const fn tenant(&self) -> TenantId {
        self.draft.tenant
    }

    pub(crate) const fn rules(&self) -> &Rules {
        &self.draft.rules
    }

    pub(crate) fn steps(&self) -> &[KeyStep] {
        &self.draft.steps
    }

    /// Every key, as it was read.
    pub(crate) fn keys(&self) -> &[Key] {
        &self.draft.keys
    }

    /// From when on every verifier knows the keys that begin to sign. `None` where none does.
    pub(crate) fn known_from(&self, now: Timestamp) -> Option<Timestamp> {
        let Draft { tenant: _, rules, keys, steps } = &self.draft;
        let known = steps.iter().filter_map(|step| match step {
            KeyStep::Activate(id) => keys.iter().find(|key| key.id == *id)?.earliest_activation(&rules.policy),
            KeyStep::CreateActive(algorithm) => Some(now + rules.policy.announce_of(*algorithm)),
            KeyStep::CreateStandby(_)
            | KeyStep::ImportStandby(..)
            | KeyStep::ImportVerifier(..)
            | KeyStep::Deactivate(_)
            | KeyStep::Withdraw(_)
            | KeyStep::Settle(_)
            | KeyStep::DestroyPrivate(_)
            | KeyStep::Retire(_)
            | KeyStep::Purge(_)
            | KeyStep::Taint(_)
            | KeyStep::Compromise(_) => None,
        });
        known.max()
    }

    /// What it would do, for showing it: the steps, each with its key as it would be. Keys that would be made are left
    /// out, as they would be others.
    pub(crate) fn preview(&self, now: Timestamp) -> Applied {
        let Draft { tenant: _, rules, keys, steps } = &self.draft;
        let taken = |step: &KeyStep| {
            let key = keys.iter().find(|key| step.moves() == Some(&key.id))?.clone();
            Some((step.clone(), step.taken(key, rules, now).ok()?))
        };
        Applied { taken: steps.iter().filter_map(taken).collect(), due: plan::due_after(steps, keys, rules, now) }
    }

    /// When the keys, as they were read, were to be rotated.
    pub(crate) fn rotation_was_due(&self) -> Option<Timestamp> {
        plan::next_rotation(&self.draft.keys, &self.draft.rules)
    }

    /// Takes the tenant's turn: the row of the schedule is written first by everybody who moves keys or changes the
    /// policy, so that on PostgreSQL a second one waits here and then sees what the first has done.
    pub(crate) async fn take_turn(&self, rows: &dyn TenantRows, now: Timestamp) -> Result<Timestamp, Fault> {
        let Draft { tenant: _, rules, keys, steps } = &self.draft;
        let due = plan::due_after(steps, keys, rules, now);
        rows.keys().schedule(due).await?;
        Ok(due)
    }

    /// Takes the turn and writes the steps with their audit events; `note` is what the actor said about them. `Stale`
    /// when the policy is not the one that they were planned for, or one of the keys has moved since it was read.
    pub(crate) async fn write(
        &self,
        rows: &dyn TenantRows,
        by: &Author,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<Applied, WriteError> {
        let due = self.take_turn(rows, now).await?;
        if rows.keys().policy().await?.version != self.draft.rules.policy.version {
            return Err(WriteError::Stale);
        }
        let applied = Applied { taken: self.carry_out(rows, now).await?, due };
        applied.audit(rows, self.draft.tenant, by, note, now).await?;
        Ok(applied)
    }

    /// Writes the steps. `Stale` when one of the keys has moved since it was read.
    pub(crate) async fn carry_out(
        &self,
        rows: &dyn TenantRows,
        now: Timestamp,
    ) -> Result<Vec<(KeyStep, Key)>, WriteError> {
        let mut fresh = self.fresh.iter();
        let mut taken = Vec::with_capacity(self.draft.steps.len());
        for step in &self.draft.steps {
            let before = match step.moves() {
                Some(id) => self.draft.keys.iter().find(|key| key.id == *id),
                None => fresh.next(),
            };
            let before = before.ok_or_else(|| Fault::bug("a step has no key"))?.clone();
            let after = step
                .taken(before, &self.draft.rules, now)
                .map_err(|illegal| Fault::broken("a step is not lawful", illegal))?;
            // Nobody can have missed the keys of a tenant that did not exist.
            let after = if self.draft.keys.is_empty() { after.known() } else { after };
            let after = if step.makes().is_some() {
                rows.keys().insert(&after).await?;
                after
            } else {
                rows.keys().update(&after).await?;
                after.written()
            };
            taken.push((step.clone(), after));
        }
        Ok(taken)
    }
}

impl Applied {
    /// One audit event for each step; `note` is what the actor said about it.
    pub(crate) async fn audit(
        &self,
        rows: &dyn TenantRows,
        tenant: TenantId,
        by: &Author,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        for (step, key) in &self.taken {
            let Some(action) = step.action() else { continue };
            let event = AuditEvent::new(Some(tenant), now, by.clone(), action).about(Noun::Key, &key.id);
            rows.audit(match note {
                Some(note) => event.noting(note.to_owned()),
                None => event,
            })
            .await?;
        }
        Ok(())
    }
}

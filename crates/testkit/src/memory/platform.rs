//! The platform's side of the store in memory.

mod admin_keys;
mod approvals;
mod bootstrap;
mod roles;
mod tenants;

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

use async_trait::async_trait;
use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    approval::Approval,
    audit::AuditEvent,
    bootstrap::BootstrapToken,
    change::{Change, Noun, Place},
    fault::{Fault, FeedError, WriteError},
    id::{AdminKeyId, ApprovalId, MasterKeyId, RoleBindingId, RoleId, TenantId, TenantSlug},
    key::KeyState,
    key_census::{KeyCensus, KeyCount},
    lease::LeaseClaim,
    ports::{
        approvals::{ApprovalReads, Approvals},
        audit::{AuditReads, Audits},
        bootstrap::BootstrapTokens,
        deliveries::{DeliveryQueue, DeliveryReads},
        platform::{
            AdminKeyReads, AdminKeys, MasterKeyCheck, PlatformReader, PlatformTx, TenantPurge, TenantReads, Tenants,
        },
        rewrap::{RewrapReads, Rewraps},
        roles::{RoleBindingReads, RoleBindings, RoleReads, Roles},
        store::{Requests, TenantRows},
    },
    role::Role,
    role_binding::RoleBinding,
    tenant::{Tenant, TenantState},
    time::Timestamp,
};

use super::{Fenced, MemoryTx, locked};

/// What lies over the tenants.
#[derive(Clone, Default)]
pub(super) struct Nouns {
    tenants: BTreeMap<TenantId, Tenant>,
    admin_keys: BTreeMap<AdminKeyId, AdminKey>,
    bootstrap_tokens: Vec<BootstrapToken>,
    roles: BTreeMap<(TenantId, RoleId), Role>,
    approvals: BTreeMap<ApprovalId, Approval>,
    role_bindings: BTreeMap<RoleBindingId, RoleBinding>,
}

impl Nouns {
    pub(super) fn serves(&self, tenant: TenantId) -> bool {
        self.tenants.get(&tenant).is_none_or(Tenant::is_active)
    }

    /// A tenant that cannot be brought back any more goes, with what is in it here.
    fn purge(&mut self, now: Timestamp) -> Option<(TenantId, TenantSlug)> {
        let is_over = |tenant: &&Tenant| match tenant.state() {
            TenantState::Deleted { purge_at, .. } => purge_at <= now,
            TenantState::Active | TenantState::Suspended => false,
        };
        let gone = self.tenants.values().find(is_over)?.id;
        let place = AdminReach::Tenant(gone);
        self.role_bindings.retain(|_, binding| binding.place != place);
        self.roles.retain(|(tenant, _), _| *tenant != gone);
        self.admin_keys.retain(|_, key| key.reach != place);
        self.approvals.retain(|_, approval| approval.place != place);
        self.tenants.remove(&gone).map(|tenant| (tenant.id, tenant.slug))
    }

    /// Everything here, for the change feed.
    pub(super) fn things(&self, things: &mut BTreeMap<(Option<TenantId>, Noun, String), String>) {
        for (id, tenant) in &self.tenants {
            things.insert((Some(*id), Noun::Tenant, tenant.slug.to_string()), format!("{tenant:?}"));
        }
        for (id, key) in &self.admin_keys {
            let tenant = match key.reach {
                AdminReach::Platform => None,
                AdminReach::Tenant(tenant) => Some(tenant),
            };
            things.insert((tenant, Noun::AdminKey, id.to_string()), format!("{key:?}"));
        }
    }
}

impl Fenced {
    /// Works on what lies over the tenants, unless the test wants the store to be away.
    fn platform<T>(&self, act: impl FnOnce(&mut Nouns) -> T) -> Result<T, Fault> {
        let mut rows = locked(&self.rows);
        if rows.is_away { Err(super::away()) } else { Ok(act(&mut rows.platform)) }
    }
}

#[async_trait]
impl PlatformReader for Fenced {
    fn tenants(&self) -> &dyn TenantReads {
        self
    }
    fn admin_keys(&self) -> &dyn AdminKeyReads {
        self
    }
    fn rewraps(&self) -> &dyn RewrapReads {
        self
    }
    fn approvals(&self) -> &dyn ApprovalReads {
        self
    }
    fn audits(&self) -> &dyn AuditReads {
        self
    }
    fn roles(&self) -> &dyn RoleReads {
        self
    }
    fn role_bindings(&self) -> &dyn RoleBindingReads {
        self
    }
    fn deliveries(&self) -> &dyn DeliveryReads {
        self
    }
    async fn changes_after(&self, place: Place, limit: u32) -> Result<Vec<Change>, FeedError> {
        self.platform(|_| ())?;
        self.changes_behind(None, place, limit)
    }
    async fn tenant_changes_after(&self, tenant: TenantId, place: Place, limit: u32) -> Result<Vec<Change>, FeedError> {
        self.platform(|_| ())?;
        self.changes_behind(Some(tenant), place, limit)
    }
    async fn latest_change(&self) -> Result<Place, Fault> {
        self.platform(|_| ())?;
        Ok(self.end_of_feed())
    }

    async fn keys_due(&self, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault> {
        let rows = locked(&self.rows);
        let mut due: Vec<_> = rows.tenants.iter().filter_map(|(id, keys)| Some((keys.due?, *id))).collect();
        due.retain(|(at, _)| *at <= now);
        due.sort_unstable();
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(due.into_iter().map(|(_, id)| id).collect())
    }

    async fn encryption_keys_due(&self, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault> {
        Ok(self.tenants_with_due_encryption_keys(now, limit))
    }

    async fn tenants_with_unused_clients(
        &self,
        before: Timestamp,
        after: Option<TenantId>,
        limit: u32,
    ) -> Result<Vec<TenantId>, Fault> {
        let rows = locked(&self.rows);
        let behind = rows.nouns.iter().filter(|(id, _)| after.is_none_or(|after| **id > after));
        let found = behind.filter(|(_, nouns)| nouns.unused_clients(before).next().is_some());
        Ok(found.map(|(id, _)| *id).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn key_census(&self, overdue_before: Timestamp) -> Result<KeyCensus, Fault> {
        let rows = locked(&self.rows);
        let is_deleted = |id: &TenantId| {
            rows.platform.tenants.get(id).is_some_and(|tenant| matches!(tenant.state(), TenantState::Deleted { .. }))
        };
        let kept: Vec<_> = rows.tenants.iter().filter(|(id, _)| !is_deleted(id)).map(|(_, keys)| keys).collect();
        let mut counts: BTreeMap<_, KeyCount> = BTreeMap::new();
        for key in kept.iter().flat_map(|keys| &keys.keys).filter(|key| key.state() != KeyState::Purged) {
            let (state, algorithm) = (key.state().label(), key.algorithm);
            let count = counts.entry((state, algorithm.as_str())).or_insert(KeyCount {
                state,
                algorithm,
                keys: 0,
                active_since: None,
            });
            count.keys += 1;
            let since = [count.active_since, key.activated_at().filter(|_| key.is_active())];
            count.active_since = since.into_iter().flatten().min();
        }
        Ok(KeyCensus {
            counts: counts.into_values().collect(),
            next_due: kept.iter().filter_map(|keys| keys.due).min(),
            overdue: kept.iter().filter(|keys| keys.due.is_some_and(|due| due < overdue_before)).count() as u64,
        })
    }

    async fn master_keys(&self) -> Result<Vec<MasterKeyCheck>, Fault> {
        let rows = locked(&self.rows);
        let check = |(id, sealed): (&MasterKeyId, &Vec<u8>)| MasterKeyCheck { id: id.clone(), sealed: sealed.clone() };
        Ok(rows.masters.checks.iter().map(check).collect())
    }
    async fn now(&self) -> Result<Timestamp, Fault> {
        let clock = self.time.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(clock.expect("a clock: `keep_time`").now())
    }
}

#[async_trait]
impl PlatformTx for MemoryTx {
    fn tenants(&self) -> &dyn Tenants {
        &self.rows
    }
    fn admin_keys(&self) -> &dyn AdminKeys {
        &self.rows
    }
    fn bootstrap_tokens(&self) -> &dyn BootstrapTokens {
        &self.rows
    }
    fn rewraps(&self) -> &dyn Rewraps {
        self
    }
    fn approvals(&self) -> &dyn Approvals {
        &self.rows
    }
    fn audits(&self) -> &dyn Audits {
        &self.rows
    }
    fn roles(&self) -> &dyn Roles {
        &self.rows
    }
    fn role_bindings(&self) -> &dyn RoleBindings {
        &self.rows
    }
    fn deliveries(&self) -> &dyn DeliveryQueue {
        &self.rows
    }
    fn requests(&self) -> &dyn Requests {
        &self.rows
    }

    fn of(&self, tenant: TenantId) -> Box<dyn TenantRows + '_> {
        Box::new(Fenced { tenant: Some(tenant), rows: Arc::clone(&self.rows.rows), time: Arc::clone(&self.rows.time) })
    }

    async fn audit(&self, event: AuditEvent) -> Result<(), Fault> {
        TenantRows::audit(&self.rows, event).await
    }

    async fn lease(&self, claim: &LeaseClaim, now: Timestamp) -> Result<bool, Fault> {
        let mut rows = locked(&self.rows.rows);
        let free = rows.leases.get(claim.task).is_none_or(|(holder, until)| *holder == claim.holder || *until <= now);
        if free {
            rows.leases.insert(claim.task, (claim.holder.clone(), now + claim.span));
        }
        Ok(free)
    }

    async fn release(&self, claim: &LeaseClaim) -> Result<(), Fault> {
        locked(&self.rows.rows).leases.retain(|task, (holder, _)| *task != claim.task || *holder != claim.holder);
        Ok(())
    }

    async fn insert_master_key(&self, check: &MasterKeyCheck) -> Result<(), WriteError> {
        let mut rows = locked(&self.rows.rows);
        rows.masters.released.remove(&check.id);
        match rows.masters.checks.insert(check.id.clone(), check.sealed.clone()) {
            None => Ok(()),
            Some(_) => Err(WriteError::Taken(Noun::MasterKey)),
        }
    }

    async fn purge_expired(&self, _now: Timestamp, _batch: u32) -> Result<u64, Fault> {
        locked(&self.rows.rows).purges += 1;
        Ok(0)
    }

    /// All of the tenant at once: there is never much here.
    async fn purge_tenant(&self, now: Timestamp, _batch: u32) -> Result<Option<TenantPurge>, Fault> {
        let mut rows = locked(&self.rows.rows);
        let Some((tenant, slug)) = rows.platform.purge(now) else { return Ok(None) };
        rows.nouns.remove(&tenant);
        rows.tenants.remove(&tenant);
        Ok(Some(TenantPurge { tenant, slug: slug.to_string(), rows: 1, is_gone: true }))
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.make_durable()
    }
}

//! What reaches over tenants.

use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::{
    audit::AuditEvent,
    change::{Change, Place},
    fault::{Fault, FeedError, WriteError},
    id::TenantId,
    key_census::KeyCensus,
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
    time::{Clock, Timestamp},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{
    audit, changes,
    clients::uses,
    encryption_keys,
    fault::fault,
    keys, leases,
    line::{Line, Pool, Transaction},
    master_keys, purge,
    rows::Rows,
};

/// The platform's rows, seen along a line.
pub(crate) struct PlatformRows<L> {
    line: L,
    clock: Arc<dyn Clock>,
}

impl<L: Line> PlatformRows<L> {
    pub(crate) const fn new(line: L, clock: Arc<dyn Clock>) -> Self {
        Self { line, clock }
    }

    /// The line.
    pub(crate) const fn line(&self) -> &L {
        &self.line
    }
}

#[async_trait]
impl PlatformReader for PlatformRows<Pool> {
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
        changes::after(&self.line, place, limit).await
    }

    async fn committed_changes_after(&self, place: Place, limit: u32) -> Result<Vec<Change>, FeedError> {
        changes::committed_after(&self.line, place, limit).await
    }

    async fn tenant_changes_after(&self, tenant: TenantId, place: Place, limit: u32) -> Result<Vec<Change>, FeedError> {
        changes::of_tenant_after(&self.line, tenant, place, limit).await
    }

    async fn latest_change(&self) -> Result<Place, Fault> {
        changes::latest(&self.line).await
    }

    async fn keys_due(&self, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault> {
        keys::due(&self.line, now, limit).await
    }

    async fn encryption_keys_due(&self, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault> {
        encryption_keys::due(&self.line, now, limit).await
    }

    async fn tenants_with_unused_clients(
        &self,
        before: Timestamp,
        after: Option<TenantId>,
        limit: u32,
    ) -> Result<Vec<TenantId>, Fault> {
        uses::tenants_with_unused(&self.line, before, after, limit).await
    }

    async fn key_census(&self, overdue_before: Timestamp) -> Result<KeyCensus, Fault> {
        keys::census(&self.line, overdue_before).await
    }

    async fn master_keys(&self) -> Result<Vec<MasterKeyCheck>, Fault> {
        master_keys::all(&self.line).await
    }

    /// SQLite has no clock of its own: there it is that of this process.
    async fn now(&self) -> Result<Timestamp, Fault> {
        const NOW: &str = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now";
        let db = self.line.db();
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(self.clock.now());
        }
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, NOW)).await.map_err(fault)?;
        let row = row.ok_or_else(|| Fault::bug("the database does not say what time it is"))?;
        row.try_get("", "now").map(Timestamp::from_millis).map_err(fault)
    }
}

#[async_trait]
impl PlatformTx for PlatformRows<Transaction> {
    fn tenants(&self) -> &dyn Tenants {
        self
    }

    fn admin_keys(&self) -> &dyn AdminKeys {
        self
    }

    fn bootstrap_tokens(&self) -> &dyn BootstrapTokens {
        self
    }

    fn rewraps(&self) -> &dyn Rewraps {
        self
    }

    fn approvals(&self) -> &dyn Approvals {
        self
    }
    fn audits(&self) -> &dyn Audits {
        self
    }

    fn roles(&self) -> &dyn Roles {
        self
    }

    fn role_bindings(&self) -> &dyn RoleBindings {
        self
    }

    fn deliveries(&self) -> &dyn DeliveryQueue {
        self
    }

    fn requests(&self) -> &dyn Requests {
        self
    }

    fn of(&self, tenant: TenantId) -> Box<dyn TenantRows + '_> {
        Box::new(Rows::new(&self.line, tenant))
    }

    async fn audit(&self, event: AuditEvent) -> Result<(), Fault> {
        audit::write(&self.line, std::slice::from_ref(&event)).await
    }

    async fn lease(&self, claim: &LeaseClaim, now: Timestamp) -> Result<bool, Fault> {
        leases::take(&self.line, claim, now).await
    }

    async fn release(&self, claim: &LeaseClaim) -> Result<(), Fault> {
        leases::give_back(&self.line, claim).await
    }

    async fn insert_master_key(&self, check: &MasterKeyCheck) -> Result<(), WriteError> {
        master_keys::insert(&self.line, check).await
    }

    async fn purge_expired(&self, now: Timestamp, batch: u32) -> Result<u64, Fault> {
        let before = now - purge::RIGHTS_KEPT;
        let rights = self.purge_role_bindings(before, batch).await? + self.purge_admin_keys(before, batch).await?;
        Ok(rights + purge::expired(&self.line, now, batch).await?)
    }

    async fn purge_tenant(&self, now: Timestamp, batch: u32) -> Result<Option<TenantPurge>, Fault> {
        purge::tenant(&self.line, now, batch).await
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.line.commit().await
    }
}

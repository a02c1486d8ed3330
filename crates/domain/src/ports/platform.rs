//! The store as the platform sees it: what reaches over tenants. Only the admin door, the worker and the wiring get it.

use async_trait::async_trait;

use crate::{
    admin_key::{AdminKey, AdminKeyField, AdminReach},
    audit::AuditEvent,
    change::{Change, Place},
    fault::{Fault, FeedError, WriteError},
    id::{AdminKeyId, MasterKeyId, TenantId, TenantSlug},
    issuer::IssuerHost,
    key_census::KeyCensus,
    lease::LeaseClaim,
    page::Page,
    ports::{
        approvals::{ApprovalReads, Approvals},
        audit::{AuditReads, Audits},
        bootstrap::BootstrapTokens,
        deliveries::{DeliveryQueue, DeliveryReads},
        rewrap::{RewrapReads, Rewraps},
        roles::{RoleBindingReads, RoleBindings, RoleReads, Roles},
        store::{Requests, TenantRows},
    },
    query::Query,
    secret::Digest,
    tenant::{Tenant, TenantField},
    time::Timestamp,
    version::Version,
};

/// Opens the platform's rows.
#[async_trait]
pub trait PlatformStore: Send + Sync {
    /// Reads, each for itself, without a transaction.
    fn read(&self) -> Box<dyn PlatformReader>;

    /// A transaction. Dropped without a commit, it leaves nothing.
    async fn begin(&self) -> Result<Box<dyn PlatformTx>, Fault>;

    /// Removes changes whose places lie ahead of all transactions, with an audit event when there are any, and counts them:
    /// they came from another cluster, by a dump that was restored, and transactions of this one would run into them. To be
    /// done before anything is written to a database that may have been restored.
    async fn remove_changes_ahead(&self) -> Result<u64, Fault>;

    /// Returns when a change may have been written since this was asked the last time: for one listener. It may return
    /// too often, and it is not the bound: read the feed every few seconds all the same.
    async fn changed(&self);
}

/// Reads over tenants.
#[async_trait]
pub trait PlatformReader: Send + Sync {
    /// Tenants.
    fn tenants(&self) -> &dyn TenantReads;
    /// API keys.
    fn admin_keys(&self) -> &dyn AdminKeyReads;
    /// What is sealed under which master key.
    fn rewraps(&self) -> &dyn RewrapReads;
    /// Calls that a second caller has to approve.
    fn approvals(&self) -> &dyn ApprovalReads;
    /// The audit.
    fn audits(&self) -> &dyn AuditReads;
    /// Roles of tenants.
    fn roles(&self) -> &dyn RoleReads;
    /// Who has which role.
    fn role_bindings(&self) -> &dyn RoleBindingReads;
    /// Messages that tenants owe.
    fn deliveries(&self) -> &dyn DeliveryReads;
    /// Changes after that place, in order, as far as no earlier one can still appear.
    async fn changes_after(&self, place: Place, limit: u32) -> Result<Vec<Change>, FeedError>;
    /// Changes after that place that are committed, in order, though an earlier one may still appear between them: for
    /// whoever forgets what changed and reads it again, and must not wait for a slow transaction to do so.
    async fn committed_changes_after(&self, place: Place, limit: u32) -> Result<Vec<Change>, FeedError> {
        self.changes_after(place, limit).await
    }
    /// Changes of one tenant after that place, in order, as far as no earlier one can still appear. The change of the place
    /// may be another tenant's.
    async fn tenant_changes_after(&self, tenant: TenantId, place: Place, limit: u32) -> Result<Vec<Change>, FeedError>;
    /// The place of the latest change that a reader may begin after.
    async fn latest_change(&self) -> Result<Place, Fault>;
    /// Tenants whose keys want to be looked at, the longest waiting first.
    async fn keys_due(&self, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault>;
    /// Tenants whose encryption keys want to be looked at, the longest waiting first.
    async fn encryption_keys_due(&self, now: Timestamp, limit: u32) -> Result<Vec<TenantId>, Fault>;
    /// Tenants in which a client registered itself and was neither made nor used after `before`: by their ids, those behind
    /// `after`.
    async fn tenants_with_unused_clients(
        &self,
        before: Timestamp,
        after: Option<TenantId>,
        limit: u32,
    ) -> Result<Vec<TenantId>, Fault>;
    /// How the keys of all tenants stand; a tenant is overdue when its keys were due before that time.
    async fn key_census(&self, overdue_before: Timestamp) -> Result<KeyCensus, Fault>;
    /// Every master key that something is or may come to be sealed under, with its check value.
    async fn master_keys(&self) -> Result<Vec<MasterKeyCheck>, Fault>;
    /// The time on the database's clock.
    async fn now(&self) -> Result<Timestamp, Fault>;
}

/// A transaction over tenants.
#[async_trait]
pub trait PlatformTx: Send + Sync {
    /// Tenants.
    fn tenants(&self) -> &dyn Tenants;
    /// API keys.
    fn admin_keys(&self) -> &dyn AdminKeys;
    /// Tokens by which the first owner comes in.
    fn bootstrap_tokens(&self) -> &dyn BootstrapTokens;
    /// What is sealed under which master key.
    fn rewraps(&self) -> &dyn Rewraps;
    /// Calls that a second caller has to approve.
    fn approvals(&self) -> &dyn Approvals;
    /// The audit.
    fn audits(&self) -> &dyn Audits;
    /// Roles of tenants.
    fn roles(&self) -> &dyn Roles;
    /// Who has which role.
    fn role_bindings(&self) -> &dyn RoleBindings;
    /// Messages that tenants owe.
    fn deliveries(&self) -> &dyn DeliveryQueue;
    /// Answers to requests that named themselves.
    fn requests(&self) -> &dyn Requests;
    /// The rows of one tenant, within this transaction.
    fn of(&self, tenant: TenantId) -> Box<dyn TenantRows + '_>;
    /// Writes an audit event. An operator's is linked to its chain on commit, which fails when that cannot be done.
    async fn audit(&self, event: AuditEvent) -> Result<(), Fault>;
    /// Takes or renews a lease until `now` plus its span. `false` when another process holds it.
    async fn lease(&self, claim: &LeaseClaim, now: Timestamp) -> Result<bool, Fault>;
    /// Gives a lease back.
    async fn release(&self, claim: &LeaseClaim) -> Result<(), Fault>;
    /// Writes down a master key's check value on its first use.
    async fn insert_master_key(&self, check: &MasterKeyCheck) -> Result<(), WriteError>;
    /// Removes what nobody can use any more, at most `batch` rows of each kind. Gives the number of rows removed. What lies
    /// in a tenant that goes is left to [`Self::purge_tenant`].
    async fn purge_expired(&self, now: Timestamp, batch: u32) -> Result<u64, Fault>;
    /// Removes of one tenant that cannot be brought back any more at most `batch` rows of each kind, and the tenant itself
    /// once nothing is left of what there can be much of. `None` when there is no such tenant. It stays deleted until the
    /// transaction ends, and whoever read it before cannot write it any more.
    async fn purge_tenant(&self, now: Timestamp, batch: u32) -> Result<Option<TenantPurge>, Fault>;
    /// Makes everything durable; returns when it is. The commit runs to its end even if the caller goes away.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// Reads of tenants.
#[async_trait]
pub trait TenantReads: Send + Sync {
    /// By uid.
    async fn find(&self, id: TenantId) -> Result<Option<Tenant>, Fault>;
    /// By name.
    async fn find_by_slug(&self, slug: &TenantSlug) -> Result<Option<Tenant>, Fault>;
    /// By the host that it has for itself.
    async fn find_by_host(&self, host: &IssuerHost) -> Result<Option<Tenant>, Fault>;
    /// A page of those asked for, by name unless asked otherwise. Deleted ones only with `with_deleted`.
    async fn list(&self, query: Query<TenantField>, with_deleted: bool) -> Result<Page<Tenant>, Fault>;
}

/// Writes of tenants.
#[async_trait]
pub trait Tenants: TenantReads {
    /// A new tenant; `Taken` when name or host is.
    async fn insert(&self, tenant: &Tenant) -> Result<(), WriteError>;
    /// Everything but id and slug; guarded by `tenant.version`. `Taken` when the host is another's.
    async fn update(&self, tenant: &Tenant, now: Timestamp) -> Result<Version, WriteError>;
}

/// Reads of API keys.
#[async_trait]
pub trait AdminKeyReads: Send + Sync {
    /// By digest, expired ones included.
    async fn find_by_digest(&self, digest: &Digest) -> Result<Option<AdminKey>, Fault>;
    /// By id.
    async fn find(&self, id: AdminKeyId) -> Result<Option<AdminKey>, Fault>;
    /// A page of one reach; their own position is the id.
    async fn list(&self, reach: AdminReach, query: Query<AdminKeyField>) -> Result<Page<AdminKey>, Fault>;
}

/// Writes of API keys.
#[async_trait]
pub trait AdminKeys: AdminKeyReads {
    /// A new key.
    async fn insert(&self, key: &AdminKey) -> Result<(), WriteError>;
    /// How many live ones there are of that reach.
    async fn count(&self, reach: AdminReach, now: Timestamp) -> Result<u64, Fault>;
    /// Gone. `false` when it was already.
    async fn delete(&self, id: AdminKeyId) -> Result<bool, Fault>;
}

/// A value sealed under a master key, by which a process can tell that it has the right one.
#[derive(Clone, Debug)]
pub struct MasterKeyCheck {
    /// The name that it has in the configuration.
    pub id: MasterKeyId,
    /// The sealed check value.
    pub sealed: Vec<u8>,
}

/// What went of a tenant that cannot be brought back any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantPurge {
    /// Which one.
    pub tenant: TenantId,
    /// What it was called.
    pub slug: String,
    /// How many rows went.
    pub rows: u64,
    /// Whether the tenant itself was among them.
    pub is_gone: bool,
}

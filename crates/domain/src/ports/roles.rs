//! The store of roles and of who has them, as the admin door sees it.

use async_trait::async_trait;

use crate::{
    admin_key::AdminReach,
    fault::{Fault, WriteError},
    id::{RoleBindingId, RoleId, RoleSlug, TenantId},
    page::Page,
    principal::Principal,
    query::Query,
    role::Role,
    role_binding::{Given, RoleBinding, RoleBindingField, Unbound},
    time::Timestamp,
    version::Version,
};

/// Reads of the roles that tenants made for themselves.
#[async_trait]
pub trait RoleReads: Send + Sync {
    /// By the id in its name.
    async fn find(&self, tenant: TenantId, slug: &RoleSlug) -> Result<Option<Role>, Fault>;
    /// All of a tenant, ordered by the id in their names: [`Role::MOST`] at most.
    async fn all(&self, tenant: TenantId) -> Result<Vec<Role>, Fault>;
}

/// Writes of the roles that tenants made for themselves.
#[async_trait]
pub trait Roles: RoleReads {
    /// A new role; `Taken` when its name is.
    async fn insert(&self, tenant: TenantId, role: &Role) -> Result<(), WriteError>;
    /// Display name and permissions; guarded by `role.version`.
    async fn update(&self, tenant: TenantId, role: &Role, now: Timestamp) -> Result<Version, WriteError>;
    /// Gone; guarded by the version. To be asked only once nobody has it.
    async fn delete(&self, tenant: TenantId, id: RoleId, version: Version) -> Result<(), WriteError>;
}

/// Reads of role bindings.
#[async_trait]
pub trait RoleBindingReads: Send + Sync {
    /// One of that place.
    async fn find(&self, place: AdminReach, id: RoleBindingId) -> Result<Option<RoleBinding>, Fault>;
    /// A page of those of one place, ended ones included; their own position is the id.
    async fn list(&self, place: AdminReach, query: Query<RoleBindingField>) -> Result<Page<RoleBinding>, Fault>;
    /// What a member's live bindings give, everywhere.
    async fn given_to(&self, member: &Principal, now: Timestamp) -> Result<Vec<Given>, Fault>;
}

/// Writes of role bindings.
#[async_trait]
pub trait RoleBindings: RoleBindingReads {
    /// A new one. `Stale` when its role is one that is no more.
    async fn insert(&self, binding: &RoleBinding) -> Result<(), WriteError>;
    /// Gone. `false` when it was already.
    async fn delete(&self, binding: &RoleBinding) -> Result<bool, Fault>;
    /// Every one of that member is gone, wherever it was. Gives what there was, by their ids.
    async fn delete_of(&self, member: &Principal) -> Result<Vec<Unbound>, Fault>;
    /// The same as [`RoleBindingReads::given_to`], and it stays so until the transaction ends.
    async fn hold(&self, member: &Principal, now: Timestamp) -> Result<Vec<Given>, Fault>;
    /// Every live binding that makes an owner of the platform, of members that can still call: API keys that have ended
    /// do not count. Whoever else asks waits until the transaction ends.
    async fn owners(&self, now: Timestamp) -> Result<Vec<RoleBinding>, Fault>;
    /// How many live ones there are of that place. Whoever else asks about it waits until the transaction ends.
    async fn count(&self, place: AdminReach, now: Timestamp) -> Result<u64, Fault>;
    /// Those of a member at that place, ended ones included: [`RoleBinding::MOST_OF_MEMBER`] at most.
    async fn of_member(&self, place: AdminReach, member: &Principal) -> Result<Vec<RoleBinding>, Fault>;
    /// Whether anybody has that role, by bindings that have ended as well.
    async fn is_bound(&self, tenant: TenantId, role: RoleId) -> Result<bool, Fault>;
}

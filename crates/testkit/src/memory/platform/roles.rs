//! Roles and role bindings in memory.

use async_trait::async_trait;
use chancery_domain::{
    admin_key::AdminReach,
    change::Noun,
    fault::{Fault, WriteError},
    id::{RoleBindingId, RoleId, RoleSlug, TenantId},
    page::Page,
    permission::PermissionSet,
    ports::roles::{RoleBindingReads, RoleBindings, RoleReads, Roles},
    principal::Principal,
    query::Query,
    role::{BuiltInRole, Role},
    role_binding::{BoundRole, Given, RoleBinding, RoleBindingField, Unbound},
    time::Timestamp,
    version::Version,
};

use super::{
    super::{Fenced, nouns::guarded},
    Nouns,
};

#[async_trait]
impl RoleReads for Fenced {
    async fn find(&self, tenant: TenantId, slug: &RoleSlug) -> Result<Option<Role>, Fault> {
        Ok(RoleReads::all(self, tenant).await?.into_iter().find(|role| role.slug == *slug))
    }

    async fn all(&self, tenant: TenantId) -> Result<Vec<Role>, Fault> {
        self.platform(|rows| {
            let of_tenant = rows.roles.iter().filter(|((owner, _), _)| *owner == tenant);
            let mut roles: Vec<Role> = of_tenant.map(|(_, role)| role.clone()).collect();
            roles.sort_by(|one, other| one.slug.cmp(&other.slug));
            roles
        })
    }
}

#[async_trait]
impl Roles for Fenced {
    async fn insert(&self, tenant: TenantId, role: &Role) -> Result<(), WriteError> {
        if RoleReads::find(self, tenant, &role.slug).await?.is_some() {
            return Err(WriteError::Taken(Noun::Role));
        }
        self.platform(|rows| rows.roles.insert((tenant, role.id), role.clone()))?;
        Ok(())
    }

    async fn update(&self, tenant: TenantId, role: &Role, now: Timestamp) -> Result<Version, WriteError> {
        self.platform(|rows| {
            let version = guarded(rows.roles.get(&(tenant, role.id)).map(|there| there.version), role.version)?;
            rows.roles.insert((tenant, role.id), Role { version, updated_at: now, ..role.clone() });
            Ok(version)
        })?
    }

    async fn delete(&self, tenant: TenantId, id: RoleId, version: Version) -> Result<(), WriteError> {
        self.platform(|rows| {
            guarded(rows.roles.get(&(tenant, id)).map(|there| there.version), version)?;
            rows.roles.remove(&(tenant, id));
            Ok(())
        })?
    }
}

impl Nouns {
    fn permissions(&self, binding: &RoleBinding) -> PermissionSet {
        match (binding.role, binding.place) {
            (BoundRole::BuiltIn(role), _) => role.permissions(),
            (BoundRole::Custom(id), AdminReach::Tenant(tenant)) => self.roles[&(tenant, id)].permissions,
            (BoundRole::Custom(_), AdminReach::Platform) => PermissionSet::EMPTY,
        }
    }
}

#[async_trait]
impl RoleBindingReads for Fenced {
    async fn find(&self, place: AdminReach, id: RoleBindingId) -> Result<Option<RoleBinding>, Fault> {
        self.platform(|rows| rows.role_bindings.get(&id).filter(|binding| binding.place == place).cloned())
    }

    async fn list(&self, place: AdminReach, query: Query<RoleBindingField>) -> Result<Page<RoleBinding>, Fault> {
        self.platform(|rows| {
            let bindings = rows.role_bindings.values().filter(|binding| binding.place == place);
            query.of(bindings.cloned(), RoleBinding::field, |binding| binding.id.to_string())
        })
    }

    async fn given_to(&self, member: &Principal, now: Timestamp) -> Result<Vec<Given>, Fault> {
        self.platform(|rows| {
            let live = rows.role_bindings.values().filter(|binding| binding.member == *member && binding.is_live(now));
            let given = |binding: &RoleBinding| Given {
                place: binding.place,
                permissions: rows.permissions(binding),
                since: binding.created_at,
                until: binding.expires_at.into(),
            };
            live.map(given).collect()
        })
    }
}

#[async_trait]
impl RoleBindings for Fenced {
    async fn insert(&self, binding: &RoleBinding) -> Result<(), WriteError> {
        self.platform(|rows| {
            if let (BoundRole::Custom(id), AdminReach::Tenant(tenant)) = (binding.role, binding.place) {
                rows.roles.get(&(tenant, id)).ok_or(WriteError::Stale)?;
            }
            rows.role_bindings.insert(binding.id, binding.clone());
            Ok(())
        })?
    }

    async fn delete(&self, binding: &RoleBinding) -> Result<bool, Fault> {
        self.platform(|rows| rows.role_bindings.remove(&binding.id).is_some())
    }

    async fn delete_of(&self, member: &Principal) -> Result<Vec<Unbound>, Fault> {
        self.platform(|rows| {
            let theirs = rows.role_bindings.extract_if(.., |_, binding| binding.member == *member);
            theirs.map(|(id, binding)| Unbound { id, place: binding.place, said: binding.said() }).collect()
        })
    }

    async fn hold(&self, member: &Principal, now: Timestamp) -> Result<Vec<Given>, Fault> {
        self.given_to(member, now).await
    }

    async fn owners(&self, now: Timestamp) -> Result<Vec<RoleBinding>, Fault> {
        self.platform(|rows| {
            let counts = |binding: &&RoleBinding| {
                let calls = match &binding.member {
                    Principal::ApiKey(id) => rows.admin_keys.get(id).is_some_and(|key| key.is_live(now)),
                    Principal::Certificate(_) | Principal::User(_) | Principal::Client(_) => true,
                };
                let owns = binding.role == BoundRole::BuiltIn(BuiltInRole::PlatformOwner);
                calls && owns && binding.place == AdminReach::Platform && binding.is_live(now)
            };
            rows.role_bindings.values().filter(counts).cloned().collect()
        })
    }

    async fn count(&self, place: AdminReach, now: Timestamp) -> Result<u64, Fault> {
        self.platform(|rows| {
            let live = rows.role_bindings.values().filter(|binding| binding.place == place && binding.is_live(now));
            live.count() as u64
        })
    }

    async fn of_member(&self, place: AdminReach, member: &Principal) -> Result<Vec<RoleBinding>, Fault> {
        self.platform(|rows| {
            let theirs = |binding: &&RoleBinding| binding.place == place && binding.member == *member;
            let theirs = rows.role_bindings.values().filter(theirs);
            theirs.take(RoleBinding::MOST_OF_MEMBER).cloned().collect()
        })
    }

    async fn is_bound(&self, tenant: TenantId, role: RoleId) -> Result<bool, Fault> {
        let place = AdminReach::Tenant(tenant);
        let is_it = |binding: &RoleBinding| binding.place == place && binding.role == BoundRole::Custom(role);
        self.platform(|rows| rows.role_bindings.values().any(is_it))
    }
}

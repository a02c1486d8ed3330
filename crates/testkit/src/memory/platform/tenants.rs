//! Tenants in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::{TenantId, TenantSlug},
    page::{Page, PageRequest},
    ports::platform::{TenantReads, Tenants},
    tenant::{Tenant, TenantState},
    time::Timestamp,
    version::Version,
};

use super::super::{
    Fenced,
    nouns::{guarded, page},
};

#[async_trait]
impl TenantReads for Fenced {
    async fn find(&self, id: TenantId) -> Result<Option<Tenant>, Fault> {
        self.platform(|rows| rows.tenants.get(&id).cloned())
    }

    async fn find_by_slug(&self, slug: &TenantSlug) -> Result<Option<Tenant>, Fault> {
        self.platform(|rows| rows.tenants.values().find(|tenant| tenant.slug == *slug).cloned())
    }

    async fn list(&self, asked: PageRequest, with_deleted: bool) -> Result<Page<Tenant>, Fault> {
        let listed = |tenant: &&Tenant| with_deleted || !matches!(tenant.state(), TenantState::Deleted { .. });
        self.platform(|rows| {
            page(rows.tenants.values().filter(listed).cloned(), |tenant| tenant.slug.to_string(), &asked)
        })
    }
}

#[async_trait]
impl Tenants for Fenced {
    async fn insert(&self, tenant: &Tenant) -> Result<(), WriteError> {
        self.platform(|rows| {
            if rows.tenants.values().any(|there| there.slug == tenant.slug) {
                return Err(WriteError::Taken(Noun::Tenant));
            }
            rows.tenants.insert(tenant.id, tenant.clone());
            Ok(())
        })?
    }

    async fn update(&self, tenant: &Tenant, now: Timestamp) -> Result<Version, WriteError> {
        self.platform(|rows| {
            let version = guarded(rows.tenants.get(&tenant.id).map(|there| there.version), tenant.version)?;
            let mut row = tenant.clone();
            (row.version, row.updated_at) = (version, now);
            rows.tenants.insert(row.id, row);
            Ok(version)
        })?
    }
}

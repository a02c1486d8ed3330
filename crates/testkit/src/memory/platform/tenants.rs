//! Tenants in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::{TenantId, TenantSlug},
    issuer::IssuerHost,
    page::Page,
    ports::platform::{TenantReads, Tenants},
    query::Query,
    tenant::{Tenant, TenantField, TenantState},
    time::Timestamp,
    version::Version,
};

use super::super::{Fenced, nouns::guarded};

#[async_trait]
impl TenantReads for Fenced {
    async fn find(&self, id: TenantId) -> Result<Option<Tenant>, Fault> {
        self.platform(|rows| rows.tenants.get(&id).cloned())
    }

    async fn find_by_slug(&self, slug: &TenantSlug) -> Result<Option<Tenant>, Fault> {
        self.platform(|rows| rows.tenants.values().find(|tenant| tenant.slug == *slug).cloned())
    }

    async fn find_by_host(&self, host: &IssuerHost) -> Result<Option<Tenant>, Fault> {
        self.platform(|rows| rows.tenants.values().find(|tenant| tenant.issuer_host.as_ref() == Some(host)).cloned())
    }

    async fn list(&self, query: Query<TenantField>, with_deleted: bool) -> Result<Page<Tenant>, Fault> {
        let listed = |tenant: &&Tenant| with_deleted || !matches!(tenant.state(), TenantState::Deleted { .. });
        self.platform(|rows| {
            let tenants = rows.tenants.values().filter(listed).cloned();
            query.of(tenants, Tenant::field, |tenant| tenant.slug.to_string())
        })
    }
}

#[async_trait]
impl Tenants for Fenced {
    async fn insert(&self, tenant: &Tenant) -> Result<(), WriteError> {
        self.platform(|rows| {
            if rows.tenants.values().any(|there| there.slug == tenant.slug || shares_host(there, tenant)) {
                return Err(WriteError::Taken(Noun::Tenant));
            }
            rows.tenants.insert(tenant.id, tenant.clone());
            Ok(())
        })?
    }

    async fn update(&self, tenant: &Tenant, now: Timestamp) -> Result<Version, WriteError> {
        self.platform(|rows| {
            let version = guarded(rows.tenants.get(&tenant.id).map(|there| there.version), tenant.version)?;
            if rows.tenants.values().any(|there| there.id != tenant.id && shares_host(there, tenant)) {
                return Err(WriteError::Taken(Noun::Tenant));
            }
            let mut row = tenant.clone();
            (row.version, row.updated_at) = (version, now);
            rows.tenants.insert(row.id, row);
            Ok(version)
        })?
    }
}

fn shares_host(one: &Tenant, other: &Tenant) -> bool {
    one.issuer_host.is_some() && one.issuer_host == other.issuer_host
}

//! The directory: tenants and clients in memory, kept fresh by the change feed.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;

use crate::{
    client::Client,
    fault::Fault,
    id::{ClientId, ClientUid, TenantId, TenantSlug},
    issuer::IssuerHost,
    view::TenantView,
};

/// Finds tenants and clients without a transaction. What it gives is at most five seconds old.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The view of a tenant, suspended and deleted ones included; the caller looks at the state.
    async fn tenant(&self, slug: &TenantSlug) -> Result<Option<Arc<TenantView>>, Fault>;

    /// The name of the tenant that has that host for itself.
    async fn tenant_at(&self, host: &IssuerHost) -> Result<Option<TenantSlug>, Fault>;

    /// The client of that `client_id`, disabled ones included.
    async fn client(&self, tenant: TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, Fault>;

    /// The web origins that enabled clients of the tenant allow.
    async fn origins(&self, tenant: TenantId) -> Result<Arc<BTreeSet<String>>, Fault>;

    /// The client that a grant or token names.
    async fn client_by_uid(&self, tenant: TenantId, uid: ClientUid) -> Result<Option<Arc<Client>>, Fault>;
}

//! A directory over a store in memory: always fresh.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chancery_domain::{
    client::Client,
    fault::Fault,
    id::{ClientId, ClientUid, TenantId, TenantSlug},
    issuer::IssuerHost,
    ports::{directory::Directory, store::Store},
    view::TenantView,
};

use crate::memory::MemoryStore;

/// Views as the test made them, and clients as the store has them. Clones are the same directory.
#[derive(Clone, Debug)]
pub struct MemoryDirectory {
    store: MemoryStore,
    views: Arc<Mutex<BTreeMap<TenantSlug, Arc<TenantView>>>>,
}

impl MemoryDirectory {
    /// A directory without tenants.
    #[must_use]
    pub fn new(store: MemoryStore) -> Self {
        Self { store, views: Arc::default() }
    }

    /// Shows a tenant, in place of what it was before.
    pub fn show(&self, view: TenantView) -> Arc<TenantView> {
        let view = Arc::new(view);
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views.insert(view.tenant.slug.clone(), Arc::clone(&view));
        view
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn tenant(&self, slug: &TenantSlug) -> Result<Option<Arc<TenantView>>, Fault> {
        Ok(self.views.lock().unwrap_or_else(PoisonError::into_inner).get(slug).cloned())
    }

    async fn tenant_at(&self, host: &IssuerHost) -> Result<Option<TenantSlug>, Fault> {
        let views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let has = |view: &&Arc<TenantView>| view.tenant.issuer_host.as_ref() == Some(host);
        Ok(views.values().find(has).map(|view| view.tenant.slug.clone()))
    }

    async fn client(&self, tenant: TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, Fault> {
        Ok(Store::read(&self.store, tenant).clients().find(id).await?.map(Arc::new))
    }

    async fn origins(&self, tenant: TenantId) -> Result<Arc<BTreeSet<String>>, Fault> {
        Ok(Arc::new(Store::read(&self.store, tenant).clients().origins().await?))
    }

    async fn client_by_uid(&self, tenant: TenantId, uid: ClientUid) -> Result<Option<Arc<Client>>, Fault> {
        Ok(Store::read(&self.store, tenant).clients().find_by_uid(uid).await?.map(Arc::new))
    }
}

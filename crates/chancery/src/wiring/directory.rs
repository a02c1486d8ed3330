//! The directory: tenants and clients in memory, bounded by weight, forgotten when they change.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use chancery_domain::{
    change::{Change, Noun},
    client::Client,
    fault::Fault,
    id::{ClientId, ClientUid, TenantId, TenantSlug},
    issuer::IssuerHost,
    ports::{directory::Directory, platform::PlatformStore, store::Store},
    time::Clock,
    view::{Freshness, TenantView},
};
use chancery_storage::Storage;
use quick_cache::{Weighter, sync::Cache};

use super::{overdue::Overdue, views::Views};

/// Bytes that views may take in all, as [`ByWeight`] counts them.
const VIEW_BYTES: u64 = 128 << 20;
/// Bytes that the origins of clients may take in all.
const ORIGIN_BYTES: u64 = 8 << 20;
/// Bytes that clients may take in all.
const CLIENT_BYTES: u64 = 64 << 20;

/// Finds tenants and clients in memory, and in the store when they are not there.
pub(super) struct TenantDirectory {
    views: Views,
    overdue: Overdue,
    storage: Storage,
    freshness: Arc<Freshness>,
    tenants: Cache<TenantSlug, Arc<TenantView>, ByWeight>,
    slugs: Cache<TenantId, TenantSlug>,
    /// Who had a host when it was last asked for; the view tells whether that is still so.
    hosts: Cache<IssuerHost, TenantSlug>,
    /// Hosts that were nobody's, until some tenant changes.
    strangers: Cache<IssuerHost, ()>,
    clients: Cache<(TenantId, ClientId), Arc<Client>, ByWeight>,
    client_ids: Cache<(TenantId, ClientUid), ClientId>,
    origins: Cache<TenantId, Arc<BTreeSet<String>>, ByWeight>,
    /// Counts what was forgotten, so that nothing read before a change is kept after it.
    epoch: AtomicU64,
}

impl TenantDirectory {
    pub(super) fn new(views: Views, storage: Storage, clock: &dyn Clock) -> Self {
        Self {
            overdue: Overdue::new(Arc::clone(&views.keys)),
            views,
            storage,
            freshness: Arc::new(Freshness::new(clock.now())),
            tenants: Cache::with_weighter(10_000, VIEW_BYTES, ByWeight),
            slugs: Cache::new(200_000),
            hosts: Cache::new(200_000),
            strangers: Cache::new(10_000),
            clients: Cache::with_weighter(20_000, CLIENT_BYTES, ByWeight),
            client_ids: Cache::new(200_000),
            origins: Cache::with_weighter(10_000, ORIGIN_BYTES, ByWeight),
            epoch: AtomicU64::new(0),
        }
    }

    /// How fresh everything here is.
    pub(super) fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// Forgets what a change touched.
    pub(super) fn forget(&self, change: &Change) {
        let Some(noun) = change.noun else { return self.forget_place(change.tenant) };
        self.epoch.fetch_add(1, Ordering::SeqCst);
        let Some(tenant) = change.tenant else { return };
        if noun == Noun::Tenant {
            self.strangers.clear();
        }
        match noun {
            Noun::Tenant
            | Noun::Scope
            | Noun::Key
            | Noun::KeyPolicy
            | Noun::TokenSecret
            | Noun::EncryptionKey
            | Noun::Resource
            | Noun::ClaimMapping => self.forget_view(tenant),
            Noun::Client => {
                self.origins.remove(&tenant);
                if let Ok(id) = change.id.parse() {
                    self.clients.remove(&(tenant, id));
                }
            }
            Noun::User
            | Noun::Session
            | Noun::Consent
            | Noun::Grant
            | Noun::InitialAccessToken
            | Noun::TenantDocument
            | Noun::TrustedIssuer
            | Noun::AdminKey
            | Noun::AuditKey
            | Noun::AuditCheckpoint
            | Noun::Approval
            | Noun::Role
            | Noun::RoleBinding
            | Noun::MasterKey => {}
        }
    }

    fn forget_view(&self, tenant: TenantId) {
        let view = self.slugs.get(&tenant).and_then(|slug| self.tenants.remove(&slug));
        // Requests that have it already may finish with it, while it is not too old.
        if let Some((_, view)) = view {
            view.freshness.overtaken(self.freshness.at());
        }
    }

    /// Forgets everything of a tenant, or of all, when nobody can tell what changed there.
    pub(super) fn forget_place(&self, tenant: Option<TenantId>) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        let Some(tenant) = tenant else {
            let at = self.freshness.at();
            self.tenants.retain(|_, view| {
                view.freshness.overtaken(at);
                false
            });
            self.strangers.clear();
            self.clients.clear();
            self.origins.clear();
            return;
        };
        self.forget_view(tenant);
        self.strangers.clear();
        self.origins.remove(&tenant);
        self.clients.retain(|(of, _), _| *of != tenant);
    }

    async fn load_tenant(&self, slug: &TenantSlug) -> Result<Option<Arc<TenantView>>, Fault> {
        let (before, fresh_at) = (self.epoch.load(Ordering::SeqCst), self.freshness.at());
        let Some(tenant) = PlatformStore::read(&self.storage).tenants().find_by_slug(slug).await? else {
            return Ok(None);
        };
        self.slugs.insert(tenant.id, slug.clone());
        let freshness = Arc::new(Freshness::following(Arc::clone(&self.freshness)));
        let view = Arc::new(self.views.build(tenant, freshness).await?);
        self.tenants.insert(slug.clone(), Arc::clone(&view));
        if self.epoch.load(Ordering::SeqCst) != before {
            self.tenants.remove(slug);
            view.freshness.overtaken(fresh_at);
        }
        Ok(Some(view))
    }

    fn keep_client(&self, tenant: TenantId, client: Client, before: u64) -> Arc<Client> {
        let client = Arc::new(client);
        self.client_ids.insert((tenant, client.uid), client.id.clone());
        self.clients.insert((tenant, client.id.clone()), Arc::clone(&client));
        if self.epoch.load(Ordering::SeqCst) != before {
            self.clients.remove(&(tenant, client.id.clone()));
        }
        client
    }
}

#[async_trait]
impl Directory for TenantDirectory {
    async fn tenant(&self, slug: &TenantSlug) -> Result<Option<Arc<TenantView>>, Fault> {
        let view = match self.tenants.get(slug) {
            Some(view) => Some(view),
            None => self.load_tenant(slug).await?,
        };
        if let Some(view) = &view {
            self.overdue.notice(view);
        }
        Ok(view)
    }

    async fn tenant_at(&self, host: &IssuerHost) -> Result<Option<TenantSlug>, Fault> {
        if self.strangers.get(host).is_some() {
            return Ok(None);
        }
        if let Some(slug) = self.hosts.get(host) {
            let view = self.tenant(&slug).await?;
            if view.is_some_and(|view| view.tenant.issuer_host.as_ref() == Some(host)) {
                return Ok(Some(slug));
            }
        }
        let before = self.epoch.load(Ordering::SeqCst);
        let found = PlatformStore::read(&self.storage).tenants().find_by_host(host).await?;
        if let Some(tenant) = &found {
            self.hosts.insert(host.clone(), tenant.slug.clone());
        } else {
            self.hosts.remove(host);
            self.strangers.insert(host.clone(), ());
        }
        if self.epoch.load(Ordering::SeqCst) != before {
            self.strangers.remove(host);
        }
        Ok(found.map(|tenant| tenant.slug))
    }

    async fn client(&self, tenant: TenantId, id: &ClientId) -> Result<Option<Arc<Client>>, Fault> {
        if let Some(client) = self.clients.get(&(tenant, id.clone())) {
            return Ok(Some(client));
        }
        let before = self.epoch.load(Ordering::SeqCst);
        let found = Store::read(&self.storage, tenant).clients().find(id).await?;
        Ok(found.map(|client| self.keep_client(tenant, client, before)))
    }

    async fn origins(&self, tenant: TenantId) -> Result<Arc<BTreeSet<String>>, Fault> {
        if let Some(origins) = self.origins.get(&tenant) {
            return Ok(origins);
        }
        let before = self.epoch.load(Ordering::SeqCst);
        let origins = Arc::new(Store::read(&self.storage, tenant).clients().origins().await?);
        self.origins.insert(tenant, Arc::clone(&origins));
        if self.epoch.load(Ordering::SeqCst) != before {
            self.origins.remove(&tenant);
        }
        Ok(origins)
    }

    async fn client_by_uid(&self, tenant: TenantId, uid: ClientUid) -> Result<Option<Arc<Client>>, Fault> {
        if let Some(id) = self.client_ids.get(&(tenant, uid)) {
            let client = self.client(tenant, &id).await?;
            return Ok(client.filter(|client| client.uid == uid));
        }
        let before = self.epoch.load(Ordering::SeqCst);
        let found = Store::read(&self.storage, tenant).clients().find_by_uid(uid).await?;
        Ok(found.map(|client| self.keep_client(tenant, client, before)))
    }
}

/// Weighs what is kept, in bytes, roughly: enough to keep memory bounded whatever tenants put into their rows.
#[derive(Clone)]
struct ByWeight;

impl Weighter<TenantSlug, Arc<TenantView>> for ByWeight {
    fn weight(&self, _: &TenantSlug, view: &Arc<TenantView>) -> u64 {
        let scopes: usize = view.scopes.iter().map(|scope| 256 + scope.description.len()).sum();
        let resources = view.resources.all();
        let resources: usize = resources.iter().map(|resource| 768 + 384 * resource.scopes.iter().count()).sum();
        let mapped = view.claim_mappings.bytes();
        // A ready RSA key takes six kilobytes, a P-256 key less than one.
        let keys = 7_000 * view.key_policy.algorithms.iter().filter(|algorithm| algorithm.is_rsa()).count();
        // The published pair and the one before.
        let opens = if view.opener.is_some() { 16_000 } else { 0 };
        (4_096 + view.discovery.body.len() + view.jwk_set.body.len() + scopes + resources + mapped + keys + opens)
            as u64
    }
}

impl Weighter<TenantId, Arc<BTreeSet<String>>> for ByWeight {
    fn weight(&self, _: &TenantId, origins: &Arc<BTreeSet<String>>) -> u64 {
        let each: usize = origins.iter().map(|origin| 64 + origin.len()).sum();
        (128 + each) as u64
    }
}

impl Weighter<(TenantId, ClientId), Arc<Client>> for ByWeight {
    fn weight(&self, _: &(TenantId, ClientId), client: &Arc<Client>) -> u64 {
        let uris: usize =
            client.redirect_uris.iter().chain(&client.post_logout_redirect_uris).map(|u| u.as_str().len()).sum();
        (1_024 + uris + 128 * client.secrets.len()) as u64
    }
}

#[cfg(test)]
pub(super) mod tests;

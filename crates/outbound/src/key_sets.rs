//! Clients' keys: read once, fetched seldom, and kept while their source is away.

mod source;

use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::{
    client::{Client, ClientKeys},
    id::{ClientUid, TenantId},
    ports::{
        client_jose::{ClientKeySet, ReadClientKeys},
        client_key_sets::{ClientKeySets, NoClientKeys},
        outbound::Fetch,
    },
    time::Clock,
};
use quick_cache::sync::Cache;

use self::source::{Source, Want};

/// How many places are remembered.
const SOURCES: usize = 2_000;
/// How many registered sets are kept as read.
const REGISTERED: usize = 2_000;

/// A place that keys are fetched from, of one tenant: what one tenant's clients made us fetch is no other tenant's affair.
type Place = (TenantId, String);

/// A registered set, with the text that it was read from.
type Registered = (Arc<str>, Arc<dyn ClientKeySet>);

/// The keys of all clients.
pub struct KeySets {
    tools: Arc<Tools>,
    sources: Cache<Place, Arc<Source>>,
    registered: Cache<(TenantId, ClientUid), Registered>,
}

/// What sets are made with.
struct Tools {
    fetch: Arc<dyn Fetch>,
    reader: Arc<dyn ReadClientKeys>,
    clock: Arc<dyn Clock>,
}

impl KeySets {
    /// Fetches by that client, and reads what comes by that reader.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>, reader: Arc<dyn ReadClientKeys>, clock: Arc<dyn Clock>) -> Self {
        let tools = Arc::new(Tools { fetch, reader, clock });
        Self { tools, sources: Cache::new(SOURCES), registered: Cache::new(REGISTERED) }
    }

    async fn find(&self, tenant: TenantId, client: &Client, want: Want) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        match &client.metadata.keys {
            None => Err(NoClientKeys::NotRegistered),
            Some(ClientKeys::Jwks(text)) => self.registered(tenant, client.uid, text),
            Some(ClientKeys::JwksUri(uri)) => self.source(tenant, uri.as_str()).keys(&self.tools, want).await,
        }
    }

    /// Keys by value are compared with what was read, so nobody has to tell of a change.
    fn registered(&self, tenant: TenantId, uid: ClientUid, text: &str) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        if let Some((read, keys)) = self.registered.get(&(tenant, uid))
            && *read == *text
        {
            return Ok(keys);
        }
        let keys = self.tools.reader.read(text)?;
        self.registered.insert((tenant, uid), (Arc::from(text), Arc::clone(&keys)));
        Ok(keys)
    }

    fn source(&self, tenant: TenantId, uri: &str) -> Arc<Source> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::new(Source::new(tenant, uri)));
        match self.sources.get_or_insert_with(&(tenant, uri.to_owned()), fresh) {
            Ok(source) => source,
        }
    }
}

#[async_trait]
impl ClientKeySets for KeySets {
    async fn of(&self, tenant: TenantId, client: &Client) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.find(tenant, client, Want::Fresh).await
    }

    async fn refresh_for_unknown_kid(
        &self,
        tenant: TenantId,
        client: &Client,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.find(tenant, client, Want::Newer).await
    }
}

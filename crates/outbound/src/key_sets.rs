//! Clients' keys: read once, fetched seldom, and kept while their source is away.

mod source;

use std::sync::Arc;

use async_trait::async_trait;
use chancery_domain::{
    client::{Client, ClientKeys},
    id::{ClientUid, TenantId, TrustedIssuerSlug},
    ports::{
        client_jose::{ClientKeySet, ReadClientKeys},
        client_key_sets::{ClientKeySets, NoClientKeys},
        outbound::Fetch,
    },
    time::Clock,
    trusted_issuer::{IssuerKeys, TrustedIssuer},
};
use quick_cache::sync::Cache;

use self::source::{Origin, Source, Want};

/// How many places are remembered.
const SOURCES: usize = 2_000;
/// How many registered sets are kept as read.
const REGISTERED: usize = 2_000;

/// A place that keys are fetched from, of one tenant: what one tenant's clients made us fetch is no other tenant's affair.
type Place = (TenantId, Origin);

/// A registered set, with the text that it was read from.
type Registered = (Arc<str>, Arc<dyn ClientKeySet>);

/// Whose registered keys they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Holder {
    Client(ClientUid),
    Issuer(TrustedIssuerSlug),
}

/// The keys of all clients and trusted issuers.
pub struct KeySets {
    tools: Arc<Tools>,
    sources: Cache<Place, Arc<Source>>,
    registered: Cache<(TenantId, Holder), Registered>,
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
            Some(ClientKeys::Jwks(text)) => self.registered((tenant, Holder::Client(client.uid)), text),
            Some(ClientKeys::JwksUri(uri)) => self.fetched(tenant, Origin::Address(uri.clone()), want).await,
        }
    }

    async fn find_issuers(
        &self,
        tenant: TenantId,
        issuer: &TrustedIssuer,
        want: Want,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        match &issuer.keys {
            IssuerKeys::Jwks(text) => self.registered((tenant, Holder::Issuer(issuer.slug.clone())), text),
            IssuerKeys::JwksUri(uri) => self.fetched(tenant, Origin::Address(uri.clone()), want).await,
            IssuerKeys::Discovered => self.fetched(tenant, Origin::Metadata(issuer.issuer.clone()), want).await,
        }
    }

    /// Keys by value are compared with what was read, so nobody has to tell of a change.
    fn registered(&self, holder: (TenantId, Holder), text: &str) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        if let Some((read, keys)) = self.registered.get(&holder)
            && *read == *text
        {
            return Ok(keys);
        }
        let keys = self.tools.reader.read(text)?;
        self.registered.insert(holder, (Arc::from(text), Arc::clone(&keys)));
        Ok(keys)
    }

    async fn fetched(
        &self,
        tenant: TenantId,
        origin: Origin,
        want: Want,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.source(&(tenant, origin)).keys(&self.tools, want).await
    }

    fn source(&self, place: &Place) -> Arc<Source> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::new(Source::new(place.0, place.1.clone())));
        match self.sources.get_or_insert_with(place, fresh) {
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

    async fn of_issuer(&self, tenant: TenantId, issuer: &TrustedIssuer) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.find_issuers(tenant, issuer, Want::Fresh).await
    }

    async fn refresh_issuer_for_unknown_kid(
        &self,
        tenant: TenantId,
        issuer: &TrustedIssuer,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.find_issuers(tenant, issuer, Want::Newer).await
    }
}

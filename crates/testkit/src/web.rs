//! The documents that clients publish, for tests: what is put here is fetched, everything else is not found.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chancery_domain::{
    client::{Client, ClientKeys},
    id::TenantId,
    outbound::{Document, GuardedUri, Reach, RefusedUri},
    ports::{
        client_jose::{ClientKeySet, ReadClientKeys},
        client_key_sets::{ClientKeySets, NoClientKeys},
        outbound::{CheckUris, Fetch, Fetched, OutboundError},
    },
    trusted_issuer::{IssuerKeys, TrustedIssuer},
};

use crate::client_jose::FakeClientJose;

/// A web of documents, and the keys of clients in it. Clones are the same web.
#[derive(Clone, Default)]
pub struct FakeWeb(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    documents: BTreeMap<String, String>,
    fetched: Vec<String>,
    remembered: BTreeMap<String, String>,
}

impl FakeWeb {
    /// Publishes a document.
    pub fn publish(&self, uri: &str, document: &str) {
        self.pages().documents.insert(uri.to_owned(), document.to_owned());
    }

    /// Everything that was asked for, in order.
    #[must_use]
    pub fn fetched(&self) -> Vec<String> {
        self.pages().fetched.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, uri: &str) -> Result<String, OutboundError> {
        let mut pages = self.pages();
        pages.fetched.push(uri.to_owned());
        pages.documents.get(uri).cloned().ok_or(OutboundError::Status(404))
    }

    /// The keys of a client; those at an address as they were when they were first fetched, unless they are to be new.
    fn keys(&self, keys: Option<&ClientKeys>, new: bool) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        match keys {
            None => Err(NoClientKeys::NotRegistered),
            Some(ClientKeys::Jwks(text)) => Ok(FakeClientJose.read(text)?),
            Some(ClientKeys::JwksUri(uri)) => self.published(uri.as_str(), new),
        }
    }

    async fn issuers_keys(
        &self,
        tenant: TenantId,
        issuer: &TrustedIssuer,
        new: bool,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        match &issuer.keys {
            IssuerKeys::Jwks(text) => Ok(FakeClientJose.read(text)?),
            IssuerKeys::JwksUri(uri) => self.published(uri.as_str(), new),
            IssuerKeys::Discovered => self.published(issuer.issuer.discover(self, tenant).await?.as_str(), new),
        }
    }

    fn published(&self, uri: &str, new: bool) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        let remembered = self.pages().remembered.get(uri).filter(|_| !new).cloned();
        let text = remembered.map_or_else(|| self.get(uri), Ok)?;
        self.pages().remembered.insert(uri.to_owned(), text.clone());
        Ok(FakeClientJose.read(&text)?)
    }
}

impl CheckUris for FakeWeb {
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        Reach::public().check(uri)
    }
}

#[async_trait]
impl Fetch for FakeWeb {
    async fn fetch(&self, _tenant: TenantId, uri: &GuardedUri, _document: Document) -> Result<Fetched, OutboundError> {
        let body = self.get(uri.as_str())?;
        Ok(Fetched { body: body.into(), fresh: None })
    }
}

#[async_trait]
impl ClientKeySets for FakeWeb {
    async fn of(&self, _tenant: TenantId, client: &Client) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.keys(client.metadata.keys.as_ref(), false)
    }

    async fn refresh_for_unknown_kid(
        &self,
        _tenant: TenantId,
        client: &Client,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.keys(client.metadata.keys.as_ref(), true)
    }

    async fn of_issuer(&self, tenant: TenantId, issuer: &TrustedIssuer) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.issuers_keys(tenant, issuer, false).await
    }

    async fn refresh_issuer_for_unknown_kid(
        &self,
        tenant: TenantId,
        issuer: &TrustedIssuer,
    ) -> Result<Arc<dyn ClientKeySet>, NoClientKeys> {
        self.issuers_keys(tenant, issuer, true).await
    }
}

impl fmt::Debug for FakeWeb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeWeb")
    }
}

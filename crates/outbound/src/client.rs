//! The client: what a call goes through, in order.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    id::TenantId,
    outbound::{Document, GuardedUri, Reach, RefusedUri},
    ports::outbound::{CheckUris, DELIVERY_PATIENCE, Fetch, Fetched, OutboundError, Post},
};
use reqwest::{Client, RequestBuilder, Response, header, redirect};
use rustls::{ClientConfig, pki_types::CertificateDer};
use tokio::time::timeout;

use crate::{
    answer,
    gate::Gate,
    lookup::{Lookup, SystemLookup, Vetted},
    shared::Shared,
    trust::{self, TrustError},
};

/// What every call says that it is. Without a version, which is nobody's business.
const USER_AGENT: &str = "Chancery";

/// How long connecting may take before another address is tried, should there be one.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);

/// How many headers an answer may have.
const MOST_HEADERS: usize = 64;

/// What a deployment says about calls to the outside.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Whom it may call.
    pub reach: Reach,
    /// Certificates of authorities that are believed beside those of the machine.
    pub roots: Vec<CertificateDer<'static>>,
}

/// The guarded client. One for the whole process, because the bounds on calls are its own.
pub struct Outbound {
    caller: Arc<Caller>,
    shared: Shared,
}

/// What calls are made with.
struct Caller {
    reach: Reach,
    gate: Gate,
    tls: ClientConfig,
    lookup: Arc<dyn Lookup>,
}

impl Outbound {
    /// A client that asks the machine for addresses.
    pub fn new(settings: Settings) -> Result<Self, TrustError> {
        Self::with_lookup(settings, Arc::new(SystemLookup::default()))
    }

    /// A client that asks somebody else for addresses.
    pub fn with_lookup(settings: Settings, lookup: Arc<dyn Lookup>) -> Result<Self, TrustError> {
        let tls = trust::config(settings.roots)?;
        let caller = Caller { reach: settings.reach, gate: Gate::default(), tls, lookup };
        Ok(Self { caller: Arc::new(caller), shared: Shared::default() })
    }
}

impl Caller {
    async fn fetch(&self, tenant: TenantId, uri: &GuardedUri, document: Document) -> Result<Fetched, OutboundError> {
        let request = |client: &Client, uri: &str| client.get(uri).header(header::ACCEPT, document.accepts());
        let read = async |answer| answer::document(answer, document).await;
        self.call(tenant, uri, document.patience(), request, read).await
    }

    /// Takes a turn and sends, and gives the answer with nothing but its head read to `read`; all of it within `patience`.
    async fn call<T>(
        &self,
        tenant: TenantId,
        uri: &GuardedUri,
        patience: Duration,
        request: impl Fn(&Client, &str) -> RequestBuilder + Send,
        read: impl AsyncFnOnce(Response) -> Result<T, OutboundError> + Send,
    ) -> Result<T, OutboundError> {
        // It may have been read long ago, or by somebody with another reach.
        let uri = self.reach.check(uri.as_str())?;
        let called = timeout(patience, async move {
            let _turn = self.gate.enter(tenant, &uri.origin()).await?;
            // One for each call, so that nothing of one reaches another: names are resolved for that tenant, and no
            // connection to an inner address is ever used for a host that may not be there.
            let vetted = Vetted { tenant, lookup: Arc::clone(&self.lookup), inner: uri.may_be_inner() };
            let client = build(self.tls.clone(), vetted)?;
            let request = request(&client, uri.url().as_str()).header(header::ACCEPT_ENCODING, "identity");
            let answer = request.send().await.map_err(|error| answer::fault(&error))?;
            read(answer).await
        });
        called.await.unwrap_or(Err(OutboundError::TooSlow))
    }
}

/// A client without anything that could lead elsewhere or keep something: no redirects, proxies, cookies or unpacking,
/// and no connection outlives its call. Calls to one place are minutes apart, and a connection that is kept is one that
/// a stranger can have us hold.
fn build(tls: ClientConfig, resolver: Vetted) -> Result<Client, OutboundError> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(resolver)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .retry(reqwest::retry::never())
        .http1_only()
        .http1_max_headers(MOST_HEADERS)
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT_PATIENCE)
        .user_agent(USER_AGENT)
        .build()
        .map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "no client for a call could be made");
            OutboundError::Unreachable
        })
}

impl CheckUris for Outbound {
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        self.caller.reach.check(uri)
    }
}

#[async_trait]
impl Fetch for Outbound {
    async fn fetch(&self, tenant: TenantId, uri: &GuardedUri, document: Document) -> Result<Fetched, OutboundError> {
        match document {
            // Whoever opens a page can have it fetched, again and again.
            Document::RequestObject => {
                let (caller, wanted) = (Arc::clone(&self.caller), uri.clone());
                let fetch = async move { caller.fetch(tenant, &wanted, document).await };
                self.shared.fetch((tenant, uri.as_str().to_owned()), fetch).await
            }
            Document::KeySet | Document::SectorIdentifier | Document::ClientMetadata | Document::IssuerMetadata => {
                self.caller.fetch(tenant, uri, document).await
            }
        }
    }
}

#[async_trait]
impl Post for Outbound {
    async fn post(&self, tenant: TenantId, uri: &GuardedUri, form: &[(&str, &str)]) -> Result<(), OutboundError> {
        let request = |client: &Client, uri: &str| client.post(uri).form(form);
        self.caller.call(tenant, uri, DELIVERY_PATIENCE, request, async |answer| answer::receipt(&answer)).await
    }
}

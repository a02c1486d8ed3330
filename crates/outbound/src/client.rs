//! The client: what a call goes through, in order.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
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
    reach: Reach,
    gate: Gate,
    /// Calls only addresses of the public Internet.
    public: Client,
    /// Calls the hosts that the deployment names.
    inner: Client,
}

impl Outbound {
    /// A client that asks the machine for addresses.
    pub fn new(settings: Settings) -> Result<Self, TrustError> {
        Self::with_lookup(settings, Arc::new(SystemLookup::default()))
    }

    /// A client that asks somebody else for addresses.
    pub fn with_lookup(settings: Settings, lookup: Arc<dyn Lookup>) -> Result<Self, TrustError> {
        let tls = trust::config(settings.roots)?;
        // Two of them, so that a connection to an inner address is never used for a host that may not be there.
        let public = build(tls.clone(), Vetted { lookup: Arc::clone(&lookup), inner: false })?;
        let inner = build(tls, Vetted { lookup, inner: true })?;
        Ok(Self { reach: settings.reach, gate: Gate::default(), public, inner })
    }

    /// Takes a turn and sends, and gives the answer with nothing but its head read to `read`; all of it within `patience`.
    async fn call<T>(
        &self,
        uri: &GuardedUri,
        patience: Duration,
        request: impl Fn(&Client, &str) -> RequestBuilder + Send,
        read: impl AsyncFnOnce(Response) -> Result<T, OutboundError> + Send,
    ) -> Result<T, OutboundError> {
        // It may have been read long ago, or by somebody with another reach.
        let uri = self.reach.check(uri.as_str())?;
        let client = if uri.may_be_inner() { &self.inner } else { &self.public };
        let request = request(client, uri.url().as_str()).header(header::ACCEPT_ENCODING, "identity");
        let called = timeout(patience, async {
            let _turn = self.gate.enter(&uri.origin()).await?;
            let answer = request.send().await.map_err(|error| answer::fault(&error))?;
            read(answer).await
        });
        called.await.unwrap_or(Err(OutboundError::TooSlow))
    }
}

/// A client without anything that could lead elsewhere or keep something: no redirects, proxies, cookies or unpacking,
/// and no connection outlives its call. Calls to one place are minutes apart, and a connection that is kept is one that
/// a stranger can have us hold.
fn build(tls: ClientConfig, resolver: Vetted) -> Result<Client, TrustError> {
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
        .map_err(|error| TrustError::Client(error.to_string()))
}

impl CheckUris for Outbound {
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        self.reach.check(uri)
    }
}

#[async_trait]
impl Fetch for Outbound {
    async fn fetch(&self, uri: &GuardedUri, document: Document) -> Result<Fetched, OutboundError> {
        let request = |client: &Client, uri: &str| client.get(uri).header(header::ACCEPT, document.accepts());
        self.call(uri, document.patience(), request, async |answer| answer::document(answer, document).await).await
    }
}

#[async_trait]
impl Post for Outbound {
    async fn post(&self, uri: &GuardedUri, form: &[(&str, &str)]) -> Result<(), OutboundError> {
        let request = |client: &Client, uri: &str| client.post(uri).form(form);
        self.call(uri, DELIVERY_PATIENCE, request, async |answer| answer::receipt(&answer)).await
    }
}

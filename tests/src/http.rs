//! Requests to the front, by the straight way or by another replica.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result};
use reqwest::{Method, RequestBuilder, Response, header::HOST, redirect::Policy};
use serde_json::Value;
use url::Url;

tokio::task_local! {
    static SOURCE: Ipv4Addr;
}

/// Runs a case whose requests come from an address of its own, so that what limits a source never counts what other cases
/// did meanwhile.
pub async fn from_own_address<T>(case: impl Future<Output = T>) -> T {
    static BEFORE: AtomicU16 = AtomicU16::new(0);
    let [high, low] = BEFORE.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    SOURCE.scope(Ipv4Addr::new(127, 1, high, low), case).await
}

/// The address of the case that runs, for whoever builds a client of another kind.
#[must_use]
pub fn own_address() -> Option<Ipv4Addr> {
    SOURCE.try_with(|source| *source).ok()
}

/// A client that follows no redirect by itself.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    detour: Option<Detour>,
}

/// Requests to the public URL go to a replica's own address, as a proxy in front would send them.
#[derive(Clone)]
struct Detour {
    public: Url,
    replica: Url,
}

/// The answer to a request that expects JSON.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The header fields.
    pub headers: reqwest::header::HeaderMap,
    /// The body, null where it is none of JSON's.
    pub body: Value,
}

impl Http {
    /// The straight way.
    pub fn new() -> Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            // Not every system resolves names below `localhost`.
            .resolve("login.customer.localhost", SocketAddr::from(([127, 0, 0, 1], 0)))
            .local_address(own_address().map(IpAddr::V4))
            .timeout(Duration::from_secs(30))
            .build()
            .context("an HTTP client")?;
        Ok(Self { client, detour: None })
    }

    /// Whatever is meant for `public` goes to `replica`.
    pub fn by_way_of(public: &str, replica: &str) -> Result<Self> {
        let detour = Detour { public: Url::parse(public)?, replica: Url::parse(replica)? };
        Ok(Self { detour: Some(detour), ..Self::new()? })
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let Some(detour) = self.detour.as_ref().filter(|detour| detour.public.origin() == url.origin()) else {
            return self.client.request(method, url.clone());
        };
        let mut there = url.clone();
        let moved = there.set_port(detour.replica.port());
        debug_assert!(moved.is_ok(), "http URLs have ports");
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        self.client.request(method, there).header(HOST, host)
    }

    /// GET.
    pub fn get(&self, url: &str) -> Result<RequestBuilder> {
        Ok(self.request(Method::GET, &Url::parse(url).with_context(|| format!("{url} is no URL"))?))
    }

    /// POST.
    pub fn post(&self, url: &str) -> Result<RequestBuilder> {
        Ok(self.request(Method::POST, &Url::parse(url).with_context(|| format!("{url} is no URL"))?))
    }
}

impl Reply {
    /// Reads an answer to its end.
    pub async fn read(response: Response) -> Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
        Ok(Self { status, headers, body })
    }

    /// The body of a success.
    pub fn success(self) -> Result<Value> {
        anyhow::ensure!(self.status == 200, "{}: {}", self.status, self.body);
        Ok(self.body)
    }

    /// The status and the error code of a refusal (RFC 6749 section 5.2).
    #[must_use]
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["error"].as_str().unwrap_or_default())
    }

    /// A header field.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

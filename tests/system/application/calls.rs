//! What the application calls: all of it goes by way of a proxy that counts.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

/// The calls so far, as method and URL.
#[derive(Clone)]
pub(super) struct Calls {
    proxy: String,
    made: Arc<Mutex<Vec<String>>>,
    client: reqwest::Client,
}

impl Calls {
    /// Starts the proxy.
    pub(super) async fn count() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = format!("http://{}", listener.local_addr()?);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        let calls = Self { proxy, made: Arc::default(), client };
        let app = Router::new().fallback(pass_on).with_state(calls.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(calls)
    }

    /// What the application calls with.
    pub(super) fn client(&self) -> Result<reqwest::Client> {
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Ok(builder.proxy(reqwest::Proxy::all(&self.proxy)?).build()?)
    }

    /// All that was called so far.
    pub(super) fn made(&self) -> Vec<String> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often token endpoints were called, whosever they are.
    pub(super) fn for_tokens(&self) -> usize {
        self.made().iter().filter(|call| call.starts_with("POST ") && call.ends_with("/token")).count()
    }
}

async fn pass_on(
    State(calls): State<Calls>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StatusCode> {
    let away = |_| StatusCode::BAD_GATEWAY;
    calls.made.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{method} {uri}"));
    for own in [header::HOST, header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING] {
        headers.remove(own);
    }
    let request = calls.client.request(method, uri.to_string()).headers(headers).body(body);
    let answer = request.send().await.map_err(away)?;
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    for own in [header::CONTENT_LENGTH, header::CONNECTION, header::TRANSFER_ENCODING] {
        headers.remove(own);
    }
    let body = answer.bytes().await.map_err(away)?;
    Ok((status, headers, body).into_response())
}

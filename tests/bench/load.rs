//! The load: so many callers, each on a connection of its own that is kept, each asking again when it was answered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};
use url::Url;

/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// One case.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    url: String,
    asked: Asked,
    callers: usize,
}

/// What every request is.
#[derive(Clone)]
pub(crate) enum Asked {
    /// A document.
    Get,
    /// A form.
    Post {
        /// The header field.
        authorization: Option<String>,
        /// The body.
        form: Bytes,
    },
    /// The refresh of a token; the next is the one that comes back.
    Refresh {
        /// Whose tokens they are.
        client_id: String,
        /// The tokens nobody uses just now.
        tokens: Arc<Mutex<VecDeque<String>>>,
    },
}

/// What a run came to.
pub(crate) struct Run {
    pub(crate) requests: f64,
    pub(crate) span: Duration,
}

impl Load {
    /// Everybody asks the same.
    pub(crate) fn same(name: &'static str, url: String, asked: Asked, callers: usize) -> Self {
        Self { name, url, asked, callers }
    }

    /// Everybody refreshes a token of their own.
    pub(crate) fn refreshing(
        name: &'static str,
        url: String,
        client_id: &str,
        tokens: Arc<Mutex<VecDeque<String>>>,
    ) -> Self {
        let callers = tokens.lock().unwrap_or_else(PoisonError::into_inner).len();
        Self { name, url, asked: Asked::Refresh { client_id: client_id.to_owned(), tokens }, callers }
    }

    /// The same path at another server.
    pub(crate) fn at(&self, origin: &str) -> Result<Self> {
        let path = Url::parse(&self.url)?.path().to_owned();
        Ok(Self { url: format!("{origin}{path}"), ..self.clone() })
    }

    /// Asks for that long. Any answer but 200 is a failure.
    pub(crate) async fn run(&self, span: Duration) -> Result<Run> {
        let url = Url::parse(&self.url)?;
        let address = format!("{}:{}", url.host_str().context("a host")?, url.port().context("a port")?);
        let mut connections = Vec::new();
        for _ in 0..self.callers {
            let stream = TcpStream::connect(&address).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            connections.push(sender);
        }
        let begun = Instant::now();
        let mut callers = JoinSet::new();
        for sender in connections {
            callers.spawn(call(self.clone(), url.clone(), address.clone(), sender, begun + span));
        }
        let mut requests = 0_u32;
        while let Some(done) = callers.join_next().await {
            requests += done??;
        }
        Ok(Run { requests: f64::from(requests), span: begun.elapsed() })
    }
}

/// One caller.
async fn call(load: Load, url: Url, host: String, mut sender: SendRequest<Full<Bytes>>, until: Instant) -> Result<u32> {
    let mut answered = 0;
    let mut token = load.asked.take_token();
    while Instant::now() < until {
        let request = load.asked.request(url.path(), &host, &token)?;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        anyhow::ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        if matches!(load.asked, Asked::Refresh { .. }) {
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            answer["refresh_token"].as_str().context("no refresh token")?.clone_into(&mut token);
        }
        answered += 1;
    }
    load.asked.give_back(token);
    Ok(answered)
}

impl Asked {
    fn take_token(&self) -> String {
        match self {
            Self::Refresh { tokens, .. } => {
                tokens.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or_default()
            }
            Self::Get | Self::Post { .. } => String::new(),
        }
    }

    fn give_back(&self, token: String) {
        if let Self::Refresh { tokens, .. } = self {
            tokens.lock().unwrap_or_else(PoisonError::into_inner).push_back(token);
        }
    }

    fn request(&self, path: &str, host: &str, token: &str) -> Result<Request<Full<Bytes>>> {
        let request = Request::builder().uri(path).header(header::HOST, host);
        Ok(match self {
            Self::Get => request.body(Full::default())?,
            Self::Post { authorization, form } => {
                let mut request = request.method("POST").header(header::CONTENT_TYPE, FORM);
                if let Some(authorization) = authorization {
                    request = request.header(header::AUTHORIZATION, authorization);
                }
                request.body(Full::new(form.clone()))?
            }
            Self::Refresh { client_id, .. } => {
                let form = format!("grant_type=refresh_token&client_id={client_id}&refresh_token={token}");
                request.method("POST").header(header::CONTENT_TYPE, FORM).body(Full::new(form.into()))?
            }
        })
    }
}

//! Applications that are told: each does with its logout tokens what its path says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::Result;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use url::form_urlencoded;

/// What arrived, by the path.
type Arrived = Arc<Mutex<HashMap<String, Vec<String>>>>;

/// A server of this process.
pub(crate) struct Applications {
    /// Its origin.
    pub(crate) origin: String,
    arrived: Arrived,
}

impl Applications {
    /// Starts it: `/good` takes logout tokens, `/choosy` calls them wrong, `/broken` fails twice and then takes them, and
    /// `/hangs` never answers.
    pub(crate) async fn start() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let arrived = Arrived::default();
        let app = Router::new().route("/{conduct}", post(told)).with_state(Arc::clone(&arrived));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { origin, arrived })
    }

    /// The logout tokens that arrived at a path.
    pub(crate) fn tokens(&self, conduct: &str) -> Vec<String> {
        self.arrived.lock().map(|arrived| arrived.get(conduct).cloned().unwrap_or_default()).unwrap_or_default()
    }

    /// Waits until so many arrived there.
    pub(crate) async fn until(&self, conduct: &str, count: usize) -> Result<Vec<String>> {
        let patience = Instant::now() + Duration::from_secs(40);
        loop {
            let tokens = self.tokens(conduct);
            if tokens.len() >= count {
                return Ok(tokens);
            }
            anyhow::ensure!(Instant::now() < patience, "{} of {count} arrived at /{conduct}", tokens.len());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn told(State(arrived): State<Arrived>, Path(conduct): Path<String>, body: String) -> StatusCode {
    let form: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let token = match &form[..] {
        [(name, token)] if name == "logout_token" => token.clone(),
        _ => return StatusCode::BAD_REQUEST,
    };
    let count = {
        let Ok(mut arrived) = arrived.lock() else { return StatusCode::INTERNAL_SERVER_ERROR };
        let tokens = arrived.entry(conduct.clone()).or_default();
        tokens.push(token);
        tokens.len()
    };
    match conduct.as_str() {
        "hangs" => std::future::pending().await,
        "choosy" => StatusCode::BAD_REQUEST,
        "broken" if count <= 2 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::NO_CONTENT,
    }
}

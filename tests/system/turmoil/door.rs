//! What stands in front of the replicas for those who verify: it asks one after another until one answers, and may keep
//! the answers for as long as their header fields allow (RFC 9111).

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use chancery_tests::http::{Http, Reply};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use super::PATIENCE;

/// A listening door; it closes with this.
pub(crate) struct Door {
    url: String,
    serving: JoinHandle<()>,
}

struct Inside {
    public_url: String,
    ways: Vec<Http>,
    turn: AtomicUsize,
    kept: Option<Mutex<HashMap<String, Kept>>>,
}

#[derive(Clone)]
struct Kept {
    asked: Instant,
    max_age: Duration,
    body: Value,
}

impl Door {
    /// Opens a door to replicas by those ways. One that `keeps` is an HTTP cache.
    pub(crate) async fn open(public_url: &str, ways: Vec<Http>, keeps: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let kept = keeps.then(|| Mutex::new(HashMap::new()));
        let inside = Inside { public_url: public_url.to_owned(), ways, turn: AtomicUsize::new(0), kept };
        let router = Router::new().fallback(answer).with_state(Arc::new(inside));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, serving })
    }

    /// The same address, through this door.
    pub(crate) fn through(&self, url: &str, public_url: &str) -> String {
        url.replacen(public_url, &self.url, 1)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(State(inside): State<Arc<Inside>>, uri: Uri) -> Response {
    let path = uri.path();
    if let Some(kept) = inside.kept(path) {
        return kept.show();
    }
    let first = inside.turn.fetch_add(1, Ordering::Relaxed);
    for at in 0..inside.ways.len() {
        let way = &inside.ways[(first + at) % inside.ways.len()];
        let asked = Instant::now();
        let asking = tokio::time::timeout(PATIENCE, ask(way, format!("{}{path}", inside.public_url)));
        if let Ok(Ok(reply)) = asking.await
            && reply.status == 200
        {
            let directives = reply.header("cache-control").to_owned();
            let max_age = directives.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok());
            let kept = Kept { asked, max_age: Duration::from_secs(max_age.unwrap_or(0)), body: reply.body };
            inside.keep(path, &kept);
            return kept.show();
        }
    }
    StatusCode::BAD_GATEWAY.into_response()
}

async fn ask(way: &Http, url: String) -> Result<Reply> {
    Reply::read(way.get(&url)?.send().await?).await
}

impl Inside {
    fn kept(&self, path: &str) -> Option<Kept> {
        let kept = self.kept.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(path).filter(|kept| kept.asked.elapsed() < kept.max_age).cloned()
    }

    fn keep(&self, path: &str, answer: &Kept) {
        if let Some(kept) = &self.kept {
            kept.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), answer.clone());
        }
    }
}

impl Kept {
    fn show(self) -> Response {
        let age = self.asked.elapsed().as_secs().to_string();
        let max_age = format!("public, max-age={}", self.max_age.as_secs());
        ([(header::CACHE_CONTROL, max_age), (header::AGE, age)], Json(self.body)).into_response()
    }
}

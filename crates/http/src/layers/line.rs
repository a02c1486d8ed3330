//! The number of a request and its one line in the log.
//!
//! The line has the method, the template of the route (never the path or the query that came), the status, the time it
//! took, and the tenant and client where they are known. Nothing in it can be a token, a code, a secret, a cookie or
//! an address of a person.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use axum::extract::{MatchedPath, Request};
use chancery_domain::{
    id::{ClientId, TenantSlug},
    view::TenantView,
};
use http::{HeaderValue, Method, StatusCode};
use tracing::{Span, field};

use crate::{extract::source, front::Front};

/// A request, from its arrival to its line.
pub(crate) struct Line {
    id: String,
    method: &'static str,
    route: Option<MatchedPath>,
    began: Instant,
}

/// What was learned on the way.
#[derive(Default)]
pub(crate) struct Facts {
    tenant: Option<TenantSlug>,
    client: Option<ClientId>,
}

impl Line {
    /// Gives the request its number: the one it brought through a proxy of ours, or a new one.
    pub(crate) fn begin(front: &Front, request: &Request) -> Self {
        let proxied = front.trusted_proxies.include(source::peer(request.extensions()));
        let brought = proxied.then(|| brought_id(request)).flatten();
        Self {
            id: brought.unwrap_or_else(|| format!("{:016x}", front.request_number())),
            method: method(request.method()),
            route: request.extensions().get().cloned(),
            began: Instant::now(),
        }
    }

    /// The span that everything logged on the way stands in.
    pub(crate) fn span(&self) -> Span {
        tracing::info_span!("request", request.id = %self.id, http.method = self.method, http.route = self.route())
    }

    /// The number as a header.
    pub(crate) fn id(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.id).ok()
    }

    /// Writes the line, and gives the time that it tells of.
    pub(crate) fn write(&self, status: StatusCode, facts: &Facts) -> Duration {
        let took = self.began.elapsed();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            http.status = status.as_u16(),
            duration_us = micros,
            tenant.id = facts.tenant.as_ref().map(field::display),
            client.id = facts.client.as_ref().map(field::display),
            "answered"
        );
        took
    }

    /// The template of the route.
    pub(crate) fn route(&self) -> &str {
        self.route.as_ref().map_or("none", MatchedPath::as_str)
    }
}

tokio::task_local! {
    static FACTS: RefCell<Facts>;
}

/// Runs the work and gives what [`tenant`] and [`client`] noted in it.
pub(crate) async fn noting<T>(work: impl Future<Output = T>) -> (T, Facts) {
    let work = async {
        let answer = work.await;
        (answer, FACTS.with(RefCell::take))
    };
    FACTS.scope(RefCell::default(), work).await
}

/// Notes the tenant of this request.
pub(crate) fn tenant(slug: &TenantSlug) {
    note(|facts| facts.tenant = Some(slug.clone()));
}

/// Notes the client that this request speaks of. It is known to be one: see [`named_client`] for a mere name.
pub(crate) fn client(id: &ClientId) {
    note(|facts| facts.client = Some(id.clone()));
}

/// Notes the client that a request names without proof, if there is one of that name. Anything may stand where a name
/// belongs, a secret in the wrong field too.
pub(crate) async fn named_client(front: &Front, view: &TenantView, id: &ClientId) {
    if let Ok(Some(known)) = front.oauth.directory.client(view.tenant.id, id).await {
        client(&known.id);
    }
}

/// Outside a request there is nothing to note on, which is fine.
fn note(fact: impl FnOnce(&mut Facts)) {
    FACTS.try_with(|facts| fact(&mut facts.borrow_mut())).unwrap_or_default();
}

/// A fixed set of words, so that nobody writes into our log with a method of their own.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "TRACE" => "TRACE",
        "CONNECT" => "CONNECT",
        _ => "other",
    }
}

fn brought_id(request: &Request) -> Option<String> {
    let text = request.headers().get("x-request-id")?.to_str().ok()?;
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    ((1..=64).contains(&text.len()) && text.bytes().all(legal)).then(|| text.to_owned())
}

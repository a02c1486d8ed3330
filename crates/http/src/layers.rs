//! What is around every request, from the outside in: its number, log line and figures, the headers of every answer,
//! its time limit and the net under a panic.
//!
//! One service does all of it: each further layer would cost an allocation and a clone for each request.

pub(crate) mod figures;
pub(crate) mod guard;
pub(crate) mod hosts;
pub(crate) mod line;

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use axum::{extract::Request, response::Response};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
};
use tower::{Layer, Service};
use tracing::Instrument;

use crate::{error::NO_STORE, front::Front};
use figures::Figures;
use line::Line;

/// Puts [`Surroundings`] around each route.
#[derive(Clone)]
pub(crate) struct Surround(pub(crate) Arc<Front>);

impl<S> Layer<S> for Surround {
    type Service = Surroundings<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Surroundings { front: Arc::clone(&self.0), figures: Figures::default(), inner }
    }
}

/// A route with everything that is around it.
#[derive(Clone)]
pub(crate) struct Surroundings<S> {
    front: Arc<Front>,
    figures: Figures,
    inner: S,
}

impl<S> Service<Request> for Surroundings<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (front, figures) = (Arc::clone(&self.front), self.figures.clone());
        let line = Line::begin(&front, &request);
        let wishes = guard::Wishes::of(request.headers());
        let work = self.inner.call(request);
        let span = line.span();
        let served = async move {
            let (mut response, facts) = line::noting(guard::guarded(&front, wishes, work)).await;
            harden(response.headers_mut(), &line, front.secure);
            figures.answered(line.route(), response.status(), line.write(response.status(), &facts));
            Ok(response)
        };
        Box::pin(served.instrument(span))
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// Browsers that came over TLS come over nothing else for a year (RFC 6797). Sister hosts are their owner's matter.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What every answer carries. An answer that says nothing about caching may not be kept.
fn harden(headers: &mut HeaderMap, line: &Line, secure: bool) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    if let Some(id) = line.id() {
        headers.insert(REQUEST_ID, id);
    }
}

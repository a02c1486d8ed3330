//! The way in, the same for every call: form, trace, caller, permit; then the routes; then one line in the log.

mod form;

use std::{
    convert::Infallible,
    fmt::Write,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{self, Poll},
    time::{Duration, Instant},
};

use chancery_domain::{id::TenantId, random};
use tonic::{
    Code, Status,
    body::Body,
    codegen::http::{HeaderMap, Request, Response},
    service::Routes,
};
use tower::Service;

use crate::{
    call::{Call, Trace},
    caller::{self, Caller},
    context::Context,
    listener::Peer,
    permit::{self, Permit, Row},
    status::{self, Reason, Refusal},
};

/// The routes behind the way in.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    cx: Context,
    routes: Routes,
}

impl Door {
    /// Puts the way in before the routes.
    pub(crate) const fn new(cx: Context, routes: Routes) -> Self {
        Self { cx, routes }
    }
}

impl Service<Request<Body>> for Door {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.routes, cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The routes that were asked whether they are ready are the ones to call.
        let clone = self.routes.clone();
        let routes = std::mem::replace(&mut self.routes, clone);
        let cx = self.cx.clone();
        Box::pin(async move { Ok(pass(&cx, routes, request).await) })
    }
}

async fn pass(cx: &Context, mut routes: Routes, mut request: Request<Body>) -> Response<Body> {
    let trace = trace(cx);
    let mut line = Line::new(Arc::clone(&trace), request.uri().path());
    if let Err(status) = form::spoken(request.headers()) {
        line.code = Some(Code::Unimplemented);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        return response;
    }
    let time = form::time(request.headers());
    let answered = async {
        form::bounded(request.headers())?;
        let peer = request.extensions().get::<Peer>();
        match admit(cx, request.uri().path(), request.headers(), peer, &mut line).await? {
            Some(call) => request.extensions_mut().insert(call).map(drop),
            None => request.extensions_mut().insert(Trace::new(&trace)).map(drop),
        };
        let Ok(response) = routes.call(request).await;
        Ok(explained(response, line.method, &trace))
    };
    let answered = within(time, answered).await;
    let response = answered.unwrap_or_else(|refusal: Refusal| refusal.into_status(&trace).into_http());
    line.finish(&response);
    response
}

/// Ends what takes longer than it may. Of a stream it is the beginning that has to come in time.
async fn within<A>(time: Duration, answered: impl Future<Output = Result<A, Refusal>>) -> Result<A, Refusal> {
    let overdue = "the call took too long; what it did may or may not stand";
    let refused = |_| Err(Refusal::new(Reason::CallTooLong, overdue).retriable());
    tokio::time::timeout(time, answered).await.unwrap_or_else(refused)
}

/// Whether the call may come in; nothing of its body has been read. A call without a row is refused, but only those
/// who showed a key learn that there is none.
async fn admit(
    cx: &Context,
    path: &str,
    headers: &HeaderMap,
    peer: Option<&Peer>,
    line: &mut Line,
) -> Result<Option<Call>, Refusal> {
    let row = permit::row(path);
    if let Some(Row { permit: Permit::Anybody, .. }) = row {
        return Ok(None);
    }
    let caller = caller::authenticate(cx, headers, peer).await?;
    line.caller = Some(caller.clone());
    let Some(Row { method, permit }) = row else {
        return Err(Refusal::new(Reason::MethodUnknown, "there is no such call"));
    };
    permit.admits(&caller, cx.clock.now())?;
    let (trace, tenant) = (Arc::clone(&line.trace), Arc::clone(&line.tenant));
    let permission = permit.permission();
    Ok(Some(Call { caller, method, permission, trace, tenant, request_id: Arc::default() }))
}

/// What the gRPC layer refused by itself, such as a message beyond the limit, is given the details that ours have.
fn explained(response: Response<Body>, method: &str, trace: &str) -> Response<Body> {
    let Some(status) = Status::from_header_map(response.headers()) else { return response };
    if !method.starts_with("/chancery.") || !status.details().is_empty() {
        return response;
    }
    status::of_transport(status.code(), trace).map_or(response, Status::into_http)
}

fn trace(cx: &Context) -> Arc<str> {
    let mut text = String::with_capacity(16);
    for byte in random::bytes::<8>(&*cx.random) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.into()
}

/// The one line that a call leaves in the log, also when its caller goes away before it ends.
struct Line {
    trace: Arc<str>,
    method: &'static str,
    caller: Option<Caller>,
    tenant: Arc<OnceLock<TenantId>>,
    began: Instant,
    code: Option<Code>,
}

impl Line {
    fn new(trace: Arc<str>, path: &str) -> Self {
        // Foreign paths are not repeated in the log: they can hold anything.
        let method = permit::row(path).map_or("unknown", |row| row.method);
        Self { trace, method, caller: None, tenant: Arc::default(), began: Instant::now(), code: None }
    }

    /// The code is in the headers of a refusal; an answer has it in its trailers, and then it is OK.
    fn finish(&mut self, response: &Response<Body>) {
        self.code = Some(Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code()));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let caller = self.caller.as_ref();
        tracing::info!(
            trace.id = &*self.trace,
            rpc.method = self.method,
            rpc.code = ?self.code.unwrap_or(Code::Cancelled),
            duration_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            caller.id = caller.map(|caller| tracing::field::display(caller.principal())),
            caller.by = caller.map(|caller| caller.authenticated().label()),
            tenant.id = self.tenant.get().map(tracing::field::display),
            "admin call"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn t273_a_call_without_a_deadline_ends_after_thirty_seconds() {
        let began = tokio::time::Instant::now();
        let time = form::time(&HeaderMap::new());
        let refused = within(time, std::future::pending::<Result<(), Refusal>>()).await.expect_err("refused");
        assert_eq!(began.elapsed(), Duration::from_secs(30));
        assert_eq!(refused.into_status("t").code(), Code::DeadlineExceeded);
        assert!(within(time, async { Ok(()) }).await.is_ok());
    }
}

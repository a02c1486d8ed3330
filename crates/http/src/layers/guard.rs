//! The time limit and the net under a panic.

use std::{convert::Infallible, panic::AssertUnwindSafe, time::Duration};

use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::HeaderMap;

use crate::{
    error::{Problem, wants_page},
    front::Front,
    pages,
};

/// No answer takes longer. What was being committed goes on.
const LIMIT: Duration = Duration::from_secs(30);

/// What the caller would like to see if things go wrong.
#[derive(Clone, Copy)]
pub(crate) struct Wishes {
    page: bool,
}

impl Wishes {
    /// As the headers tell.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { page: wants_page(headers) }
    }
}

/// The answer of `work`, or a clear one in its place when it panics or takes too long.
pub(crate) async fn guarded(
    front: &Front,
    wishes: Wishes,
    work: impl Future<Output = Result<Response, Infallible>>,
) -> Response {
    // The work is dropped after a panic and shares nothing that it could leave half done: rows are written in
    // transactions, and a lock that was held says so to the next one.
    let problem = match tokio::time::timeout(LIMIT, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(Ok(response))) => return response,
        Ok(Err(_panic)) => Problem::Panicked,
        Err(_elapsed) => Problem::TimedOut,
    };
    tracing::error!(fault = problem.hint(), "could not answer");
    if wishes.page { pages::error::show(front, None, &problem) } else { problem.into_response() }
}

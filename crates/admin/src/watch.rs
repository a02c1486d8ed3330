//! Watching: every change of the feed, told as it comes.
//!
//! `hub` reads the feed once for all streams of the process. A stream (`teller`) takes what the hub tells; what it
//! missed, at its beginning or because it was slow, it reads from the store by itself, a page at a time. So what a
//! stream holds in memory is bounded, whatever its caller does.

mod entry;
mod hub;
mod limits;
mod position;
mod seats;
mod slugs;
mod teller;
mod watch_changes;

use std::sync::Arc;

use chancery_proto::v1::{WatchChangesRequest, WatchChangesResponse, watch_service_server::WatchService};
use tonic::{Request, Response, Status};

use self::hub::Hub;
use crate::{call::Call, context::Context, service::Answers};

pub(crate) use self::seats::Seat;
pub use self::{limits::WatchLimits, seats::Seats};

/// Answers the call about changes.
#[derive(Clone)]
pub(crate) struct Watch {
    cx: Context,
    hub: Arc<Hub>,
}

impl Watch {
    /// Nothing is read before somebody watches.
    pub(crate) fn new(cx: Context) -> Self {
        let hub = Arc::new(Hub::new(Arc::clone(&cx.platform), Arc::clone(&cx.clock)));
        Self { cx, hub }
    }
}

#[tonic::async_trait]
impl WatchService for Watch {
    type WatchChangesStream = Answers<WatchChangesResponse>;

    async fn watch_changes(
        &self,
        request: Request<WatchChangesRequest>,
    ) -> Result<Response<Self::WatchChangesStream>, Status> {
        let (call, request) = Call::take(request)?;
        let answers = watch_changes::watch_changes(self, &call, request).await;
        answers.map(Response::new).map_err(|refusal| refusal.into_status(&call.trace))
    }
}

//! The first owner of the platform: whoever has the token that the server left in a file.

mod begin;
mod system_tenant;
mod tries;

use chancery_proto::v1::{BootstrapRequest, BootstrapResponse, bootstrap_service_server::BootstrapService};
use tonic::{Request, Response, Status};

use crate::{call::Trace, context::Context, listener::Peer};

pub use tries::Tries;

/// Answers the one call that nobody has to be known for.
#[derive(Clone, Debug)]
pub(crate) struct Bootstrap(pub(crate) Context);

#[tonic::async_trait]
impl BootstrapService for Bootstrap {
    async fn bootstrap(&self, request: Request<BootstrapRequest>) -> Result<Response<BootstrapResponse>, Status> {
        let trace = Trace::of(&request);
        let peer = request.extensions().get::<Peer>().map(|peer| peer.address);
        let answer = begin::begin(&self.0, peer, request.into_inner()).await;
        answer.map(Response::new).map_err(|refusal| refusal.into_status(trace.text()))
    }
}

//! A watch goes on where it was, whatever becomes of its connections.

use std::sync::{Arc, Mutex};

use chancery_proto::v1::audit_service_server::{AuditService, AuditServiceServer};
use chancery_proto::v1::{
    AuditCheckpoint, AuditEvent, CreateAuditCheckpointRequest, ExportAuditEventsRequest, ExportAuditEventsResponse,
    GetAuditEventRequest, ListAuditEventsRequest, ListAuditEventsResponse, ListAuditKeysRequest, ListAuditKeysResponse,
    WatchAuditEventsRequest, WatchAuditEventsResponse,
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Iter, iter};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status};

use super::stand_in::ask;
use crate::CliError;

/// Tells one event on a connection that then breaks, another on one that ends in good order, and refuses the third call.
/// Keeps the tokens that it was shown.
#[derive(Clone, Default)]
struct StandIn(Arc<Mutex<Vec<String>>>);

type Told<A> = Iter<std::vec::IntoIter<Result<A, Status>>>;

fn absent<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("not asked for here"))
}

#[tonic::async_trait]
impl AuditService for StandIn {
    type WatchAuditEventsStream = Told<WatchAuditEventsResponse>;
    type ExportAuditEventsStream = Told<ExportAuditEventsResponse>;

    async fn watch_audit_events(
        &self,
        call: Request<WatchAuditEventsRequest>,
    ) -> Result<Response<Self::WatchAuditEventsStream>, Status> {
        let token = call.into_inner().resume_token;
        let answer = |token: &str| {
            let audit_event = Some(AuditEvent { action: format!("event-{token}"), ..AuditEvent::default() });
            Ok(WatchAuditEventsResponse { audit_event, resume_token: token.to_owned() })
        };
        let told = match token.as_str() {
            "" => vec![answer("one"), Err(Status::unknown("error reading a body from connection"))],
            "one" => vec![answer("two")],
            _ => vec![Err(Status::permission_denied("no more"))],
        };
        self.0.lock().expect("sound").push(token);
        Ok(Response::new(iter(told)))
    }

    async fn list_audit_events(
        &self,
        _: Request<ListAuditEventsRequest>,
    ) -> Result<Response<ListAuditEventsResponse>, Status> {
        absent()
    }

    async fn get_audit_event(&self, _: Request<GetAuditEventRequest>) -> Result<Response<AuditEvent>, Status> {
        absent()
    }

    async fn create_audit_checkpoint(
        &self,
        _: Request<CreateAuditCheckpointRequest>,
    ) -> Result<Response<AuditCheckpoint>, Status> {
        absent()
    }

    async fn list_audit_keys(
        &self,
        _: Request<ListAuditKeysRequest>,
    ) -> Result<Response<ListAuditKeysResponse>, Status> {
        absent()
    }

    async fn export_audit_events(
        &self,
        _: Request<ExportAuditEventsRequest>,
    ) -> Result<Response<Self::ExportAuditEventsStream>, Status> {
        absent()
    }
}

#[tokio::test]
async fn a_watch_of_the_audit_goes_on_behind_what_was_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let stand_in = StandIn::default();
    let server = Server::builder().add_service(AuditServiceServer::new(stand_in.clone()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    match ask(&url, "right", "audit watch --tenant acme").await {
        Err(CliError::Refused(status)) => assert_eq!(status.code(), Code::PermissionDenied),
        other => panic!("{other:?}"),
    }
    assert_eq!(*stand_in.0.lock().expect("sound"), ["", "one", "two"]);
}

//! Calls against a server that stands in for the real one: the key on each call, pages to the end, refusals.

use chancery_proto::v1::tenant_service_server::{TenantService, TenantServiceServer};
use chancery_proto::v1::{
    CreateTenantRequest, DeleteTenantRequest, GetTenantRequest, ListTenantsRequest, ListTenantsResponse,
    ResumeTenantRequest, SuspendTenantRequest, Tenant, UndeleteTenantRequest, UpdateTenantRequest,
};
use clap::Parser;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Server, server::Router};
use tonic::{Request, Response, Status};

use super::examples::{CommandLine, Topic};
use crate::CliError;

/// Two tenants on two pages, and an update that answers with the paths it was given.
struct StandIn;

fn admit<T>(request: Request<T>) -> Result<T, Status> {
    let given = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
    if given == Some("Bearer right") { Ok(request.into_inner()) } else { Err(Status::unauthenticated("who are you?")) }
}

fn named(name: &str) -> Tenant {
    Tenant { name: name.to_owned(), ..Tenant::default() }
}

#[tonic::async_trait]
impl TenantService for StandIn {
    async fn list_tenants(&self, call: Request<ListTenantsRequest>) -> Result<Response<ListTenantsResponse>, Status> {
        let (name, next) = match admit(call)?.page_token.as_str() {
            "" => ("tenants/acme", "second"),
            _ => ("tenants/blue", ""),
        };
        Ok(Response::new(ListTenantsResponse { tenants: vec![named(name)], next_page_token: next.to_owned() }))
    }

    async fn get_tenant(&self, call: Request<GetTenantRequest>) -> Result<Response<Tenant>, Status> {
        Err(Status::not_found(format!("no {}", admit(call)?.name)))
    }

    async fn update_tenant(&self, call: Request<UpdateTenantRequest>) -> Result<Response<Tenant>, Status> {
        let paths = admit(call)?.update_mask.expect("always sent").paths;
        Ok(Response::new(Tenant { display_name: paths.join(" "), ..Tenant::default() }))
    }

    async fn create_tenant(&self, _: Request<CreateTenantRequest>) -> Result<Response<Tenant>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }

    async fn delete_tenant(&self, _: Request<DeleteTenantRequest>) -> Result<Response<Tenant>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }

    async fn undelete_tenant(&self, _: Request<UndeleteTenantRequest>) -> Result<Response<Tenant>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }

    async fn suspend_tenant(&self, _: Request<SuspendTenantRequest>) -> Result<Response<Tenant>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }

    async fn resume_tenant(&self, _: Request<ResumeTenantRequest>) -> Result<Response<Tenant>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }
}

/// Starts a server of its own and gives it one command.
async fn answer(key: &str, arguments: &str) -> Result<String, CliError> {
    let url = serve(Server::builder().add_service(TenantServiceServer::new(StandIn))).await;
    ask(&url, key, arguments).await
}

/// Lets a server answer, and says where.
pub(super) async fn serve(server: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    url
}

/// Gives a command to the server there.
pub(super) async fn ask(url: &str, key: &str, arguments: &str) -> Result<String, CliError> {
    let words = format!("chancery {arguments} --admin-url {url} --admin-key {key}");
    let line = CommandLine::try_parse_from(words.split(' ')).expect("well-formed");
    let Topic::Admin(command) = line.command else { panic!("no calls without a server") };
    Box::pin(crate::answer(*command, &line.connection.open()?, line.output)).await
}

#[tokio::test]
async fn lists_are_followed_to_their_end() {
    let text = answer("right", "tenants list").await.expect("admitted");
    let ids: Vec<_> = text.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(ids, ["acme", "blue"]);
}

#[tokio::test]
async fn an_update_names_what_was_given() {
    let text = answer("right", "tenants update acme --profile oidc --refresh-grace 0s").await.expect("admitted");
    assert!(text.contains("profile settings.refresh_grace"), "{text}");
}

#[tokio::test]
async fn refusals_come_through() {
    for (key, code, message) in
        [("wrong", tonic::Code::Unauthenticated, "who are you?"), ("right", tonic::Code::NotFound, "no tenants/acme")]
    {
        match answer(key, "tenants get acme").await {
            Err(CliError::Refused(status)) => assert_eq!((status.code(), status.message()), (code, message)),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_named_as_such() {
    let refusal = ask("http://127.0.0.1:1", "right", "tenants list").await.expect_err("nobody listens there");
    assert!(matches!(refusal, CliError::Refused(status) if status.code() == tonic::Code::Unavailable));
}

//! What is too large, too late or no message at all.

use std::time::Duration;

use chancery_domain::{admin_key::AdminReach, role::BuiltInRole};
use chancery_proto::v1::{Client, CreateClientRequest, GetTenantRequest, TenantDocument};
use prost::Message;
use tonic::{Code, IntoRequest, Request, client::Grpc, codegen::http::uri::PathAndQuery};

use crate::{
    documents::{apply, document, export, plan},
    world::{World, refusal},
};

#[tokio::test]
async fn a_message_beyond_a_mebibyte_is_not_read() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let client = Client { display_name: "x".repeat(1024 * 1024), ..Default::default() };
    let request = CreateClientRequest { parent: "tenants/acme".into(), client: Some(client), ..Default::default() };
    let refused = refusal(operator.clients.create_client(request).await);
    assert_eq!(refused, (Code::ResourceExhausted, "MESSAGE_TOO_LARGE".to_owned()));
}

#[tokio::test]
async fn what_was_exported_can_be_applied_beyond_a_mebibyte() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let mut document = document();
    let addresses = (0..100).map(|at| format!("https://a.example/{at:0>1500}"));
    document.clients[0].redirect_uris = addresses.collect();
    let client = |at| Client { name: format!("tenants/acme/clients/web{at}"), ..document.clients[0].clone() };
    document.clients = (0..8).map(client).collect();
    apply(&mut operator, &document).await.expect("applied");

    let exported = export(&mut operator).await;
    assert!(exported.encoded_len() > 1024 * 1024);
    assert_eq!(plan(&mut operator, &exported).await.expect("planned").changes, []);
    assert_eq!(apply(&mut operator, &exported).await.expect("applied").etag, exported.etag);
}

#[tokio::test]
async fn t271_a_document_is_larger_for_nobody_who_may_not_send_one() {
    let world = World::new().await;
    let large = TenantDocument { etag: "x".repeat(16 * 1024 * 1024), ..document() };
    for (mut caller, code) in [
        (world.caller("nobody"), Code::Unauthenticated),
        (world.with_role(AdminReach::Platform, BuiltInRole::PlatformWorker).await, Code::PermissionDenied),
        (world.operator().await, Code::ResourceExhausted),
    ] {
        assert_eq!(refusal(apply(&mut caller, &large).await).0, code);
    }
}

#[tokio::test]
async fn what_is_no_message_is_malformed() {
    let world = World::new().await;
    let (_, key) = world.insert_key(AdminReach::Platform).await;
    let mut grpc = Grpc::new(world.door(Some(&key)));
    grpc.ready().await.expect("ready");
    // A message of another type: its first field is no text that could be a name.
    let foreign = prost_types::Duration { seconds: 7, nanos: 0 };
    let path = PathAndQuery::from_static("/chancery.admin.v1.TenantService/GetTenant");
    let codec = tonic_prost::ProstCodec::<prost_types::Duration, ()>::default();
    let answer = grpc.unary(foreign.into_request(), path, codec).await;
    assert_eq!(refusal(answer), (Code::InvalidArgument, "MESSAGE_MALFORMED".to_owned()));
}

#[tokio::test]
async fn t273_the_deadline_of_a_caller_is_kept() {
    let world = World::new().await;
    world.tenant("acme").await;
    let (_, key) = world.insert_key(AdminReach::Platform).await;
    // A transaction that does not end holds up whoever wants to write.
    let blocker = chancery_domain::ports::platform::PlatformStore::begin(&world.store).await.expect("begins");
    let mut request =
        Request::new(chancery_proto::v1::SuspendTenantRequest { name: "tenants/acme".into(), ..Default::default() });
    request.set_timeout(Duration::from_millis(200));
    let mut caller = world.caller(&key);
    let late = caller.tenants.suspend_tenant(request).await.expect_err("late");
    // Of the two, whoever rings first.
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    // The caller's clock and the server's do not ring in the same instant.
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(blocker);
    let name = "tenants/acme".to_owned();
    let tenant = caller.tenants.get_tenant(GetTenantRequest { name }).await.expect("got").into_inner();
    assert_eq!(tenant.state(), chancery_proto::v1::tenant::State::Active, "nothing half done");
}

#[tokio::test]
async fn http_one_is_not_spoken_here() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new().await;
    let mut stream = tokio::net::TcpStream::connect(world.address).await.expect("connects");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writes");
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.expect("closed");
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

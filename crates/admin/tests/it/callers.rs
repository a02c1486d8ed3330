//! Who may come in.

use std::time::Duration;

use chancery_domain::{admin_key::AdminReach, ports::platform::PlatformStore};
use chancery_proto::v1::{GetTenantRequest, ListTenantsRequest};
use tonic::{Code, IntoRequest, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest,
};

use crate::world::{Door, World, refusal};

fn list() -> ListTenantsRequest {
    ListTenantsRequest::default()
}

#[tokio::test]
async fn t262_no_anonymous_call_passes() {
    let world = World::new().await;
    let missing = (Code::Unauthenticated, "API_KEY_MISSING".to_owned());
    for entries in [&[][..], &["Basic eDp5"], &["Bearer a", "Bearer b"]] {
        assert_eq!(refusal(world.caller_with(entries).tenants.list_tenants(list()).await), missing, "{entries:?}");
    }
    let unknown = format!("cha_{}", "A".repeat(43));
    for key in ["x", "chx_AAAA", &unknown] {
        let refused = refusal(world.caller(key).tenants.list_tenants(list()).await);
        assert_eq!(refused, (Code::Unauthenticated, "API_KEY_INVALID".to_owned()), "{key}");
    }
}

#[tokio::test]
async fn t276_an_expired_and_a_deleted_key_are_refused() {
    let world = World::new().await;
    let (_, expiring) = world.insert_key(AdminReach::Platform).await;
    let mut caller = world.caller(&expiring);
    assert!(caller.tenants.list_tenants(list()).await.is_ok());
    world.clock.advance(Duration::from_secs(3600));
    assert_eq!(refusal(caller.tenants.list_tenants(list()).await).1, "API_KEY_INVALID");

    let (id, deleted) = world.insert_key(AdminReach::Platform).await;
    let mut caller = world.caller(&deleted);
    assert!(caller.tenants.list_tenants(list()).await.is_ok());
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    assert!(tx.admin_keys().delete(id).await.expect("deletes"));
    tx.commit().await.expect("commits");
    assert_eq!(refusal(caller.tenants.list_tenants(list()).await).1, "API_KEY_INVALID");
}

#[tokio::test]
async fn t263_the_key_is_asked_for_before_the_call_and_its_body_are_looked_at() {
    let world = World::new().await;
    let (_, key) = world.insert_key(AdminReach::Platform).await;
    for path in ["/chancery.admin.v1.TenantService/Nothing", "/chancery.admin.v1.TenantService/GetTenant/", "/x.Y/Z"] {
        assert_eq!(call(world.door(None), path).await, Code::Unauthenticated, "{path}");
        assert_eq!(call(world.door(Some(&key)), path).await, Code::Unimplemented, "{path}");
    }
    // What is no message of that type is not even tried before.
    assert_eq!(call(world.door(None), "/chancery.admin.v1.TenantService/CreateTenant").await, Code::Unauthenticated);
}

async fn call(door: Door, path: &'static str) -> Code {
    let mut grpc = Grpc::new(door);
    grpc.ready().await.expect("ready");
    let codec = tonic_prost::ProstCodec::<GetTenantRequest, ()>::default();
    let path = PathAndQuery::from_static(path);
    let answer = grpc.unary(GetTenantRequest { name: "x".into() }.into_request(), path, codec).await;
    answer.expect_err("refused").code()
}

#[tokio::test]
async fn t266_anybody_may_ask_whether_the_server_is_up_and_nothing_else() {
    let world = World::new().await;
    let request = HealthCheckRequest::default();
    let up = HealthClient::new(world.door(None)).check(request.clone()).await.expect("answered").into_inner();
    assert_eq!(up.status, 1);
    let watch = HealthClient::new(world.door(None)).watch(request).await;
    assert_eq!(watch.expect_err("refused").code(), Code::Unauthenticated);
}

#[tokio::test]
async fn t264_two_entries_a_binary_twin_and_metadata_without_end_are_refused() {
    let world = World::new().await;
    let (_, key) = world.insert_key(AdminReach::Platform).await;
    let bearer = format!("Bearer {key}");
    let twice = world.caller_with(&[&bearer, &bearer]).tenants.list_tenants(list()).await;
    assert_eq!(refusal(twice), (Code::Unauthenticated, "API_KEY_MISSING".to_owned()));

    let mut twin = tonic::Request::new(list());
    twin.metadata_mut().insert_bin("authorization-bin", tonic::metadata::MetadataValue::from_bytes(bearer.as_bytes()));
    let alone = world.caller_with(&[]).tenants.list_tenants(twin).await;
    assert_eq!(refusal(alone), (Code::Unauthenticated, "API_KEY_MISSING".to_owned()));

    let mut long = tonic::Request::new(list());
    long.metadata_mut().insert("x-long", "a".repeat(64 * 1024).parse().expect("a value"));
    let refused = refusal(world.caller(&key).tenants.list_tenants(long).await);
    assert_eq!(refused, (Code::ResourceExhausted, "METADATA_TOO_LARGE".to_owned()));
}

#[tokio::test]
async fn t266_reflection_needs_a_key() {
    let world = World::new().await;
    let ask = || {
        let message_request = Some(MessageRequest::ListServices(String::new()));
        tokio_stream::once(ServerReflectionRequest { host: String::new(), message_request })
    };
    let anonymous = ServerReflectionClient::new(world.door(None)).server_reflection_info(ask()).await;
    assert_eq!(anonymous.expect_err("refused").code(), Code::Unauthenticated);

    let (_, key) = world.insert_key(AdminReach::Platform).await;
    let told = ServerReflectionClient::new(world.door(Some(&key))).server_reflection_info(ask()).await;
    let told = told.expect("answered").into_inner().message().await.expect("a message");
    let told = format!("{told:?}");
    for service in ["chancery.admin.v1.TenantService", "chancery.admin.v1.KeyService", "grpc.health.v1.Health"] {
        assert!(told.contains(service), "{service}");
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_unavailable_and_heals() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    world.store.take_away(true);
    let refused = refusal(operator.tenants.list_tenants(list()).await);
    assert_eq!(refused, (Code::Unavailable, "STORE_UNAVAILABLE".to_owned()));
    world.store.take_away(false);
    assert!(operator.tenants.list_tenants(list()).await.is_ok());
}

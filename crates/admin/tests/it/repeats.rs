//! A request that names itself is carried out once.

use chancery_proto::v1::{CreateClientRequest, CreateTenantRequest, ListClientsRequest, RotateKeysRequest};
use tonic::Code;

use crate::{
    clients::service,
    world::{World, refusal},
};

const ID: &str = "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11";

fn create(request_id: &str, display_name: &str) -> CreateClientRequest {
    let mut client = service();
    client.display_name = display_name.into();
    CreateClientRequest {
        parent: "tenants/acme".into(),
        client: Some(client),
        request_id: request_id.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let first = operator.clients.create_client(create(ID, "a")).await.expect("created").into_inner();
    let again = operator.clients.create_client(create(ID, "a")).await.expect("answered").into_inner();
    assert_eq!(first, again);
    let list = ListClientsRequest { parent: "tenants/acme".into(), ..Default::default() };
    assert_eq!(operator.clients.list_clients(list).await.expect("listed").into_inner().clients.len(), 1);

    let reused = refusal(operator.clients.create_client(create(ID, "b")).await);
    assert_eq!(reused, (Code::InvalidArgument, "REQUEST_ID_REUSED".to_owned()));
    let other_caller = world.operator().await.clients.create_client(create(ID, "b")).await;
    assert!(other_caller.is_ok(), "ids are each caller's own");
    assert_eq!(refusal(operator.clients.create_client(create("x", "a")).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn t274_sixty_four_at_once_make_one() {
    let world = World::new().await;
    let operator = world.operator().await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let mut caller = operator.clone();
        let request = CreateTenantRequest { tenant_id: "acme".into(), request_id: ID.into(), ..Default::default() };
        calls.spawn(async move { caller.tenants.create_tenant(request).await });
    }
    let answers: Vec<_> = calls.join_all().await.into_iter().map(|one| one.expect("answered").into_inner()).collect();
    assert!(answers.iter().all(|answer| answer.uid == answers[0].uid));
}

#[tokio::test]
async fn a_trial_is_not_remembered() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let trial = CreateClientRequest { validate_only: true, ..create(ID, "a") };
    assert!(operator.clients.create_client(trial).await.is_ok());
    assert!(operator.clients.create_client(create(ID, "a")).await.is_ok());
}

#[tokio::test]
async fn a_rotation_is_not_made_twice() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let request = RotateKeysRequest {
        parent: acme.name.clone(),
        immediate: true,
        reason: "drill".into(),
        request_id: ID.into(),
        ..Default::default()
    };
    let first = operator.keys.rotate_keys(request.clone()).await.expect("rotated").into_inner();
    let again = operator.keys.rotate_keys(request).await.expect("answered").into_inner();
    assert_eq!(first, again);
    assert_eq!(world.store.keys(acme.uid.parse().expect("a uid")).len(), 3);
}

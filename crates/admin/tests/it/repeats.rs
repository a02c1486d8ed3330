//! A request that names itself is carried out once.

use chancery_proto::v1::{
    CompromiseKeyRequest, CompromiseTenantKeysRequest, CreateClientRequest, CreateTenantRequest, DeleteUserRequest,
    ListClientsRequest, RevokeGrantsRequest, RevokeSessionsRequest, RotateKeysRequest, key::State,
};
use tonic::Code;

use crate::{
    clients::service,
    key_alarms::keys,
    people::People,
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

#[tokio::test]
async fn t274_an_emergency_that_went_by_its_preview_is_answered_as_before() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let active = keys(&mut operator, "acme").await.into_iter().find(|key| key.state() == State::Active);
    let ask = CompromiseKeyRequest {
        name: active.expect("an active key").name,
        reason: "seen".into(),
        allow_unannounced: true,
        ..Default::default()
    };
    let preview = operator.previews.preview_compromise_key(ask.clone()).await.expect("told").into_inner();
    let request = CompromiseKeyRequest { preview_hash: preview.hash, request_id: ID.into(), ..ask };
    let first = operator.keys.compromise_key(request.clone()).await.expect("compromised").into_inner();
    let again = operator.keys.compromise_key(request).await.expect("answered").into_inner();
    assert_eq!(first, again);

    let parent = "tenants/acme".to_owned();
    let ask =
        CompromiseTenantKeysRequest { parent, reason: "stolen".into(), allow_unannounced: true, ..Default::default() };
    let preview = operator.previews.preview_compromise_tenant_keys(ask.clone()).await.expect("told").into_inner();
    let request = CompromiseTenantKeysRequest { preview_hash: preview.hash, request_id: ID.into(), ..ask };
    let first = operator.keys.compromise_tenant_keys(request.clone()).await.expect("compromised").into_inner();
    let again = operator.keys.compromise_tenant_keys(request).await.expect("answered").into_inner();
    assert_eq!(first, again);
}

#[tokio::test]
async fn t274_what_was_taken_from_somebody_who_is_gone_is_answered_as_before() {
    let mut people = People::new().await;
    let session = people.session(&people.ada).await;
    people.grant(&session, &people.app, "openid").await;
    let (parent, user) = (people.acme.name.clone(), people.ada.name.clone());
    let grants =
        RevokeGrantsRequest { parent: parent.clone(), user: user.clone(), request_id: ID.into(), ..Default::default() };
    let sessions = RevokeSessionsRequest { parent, user: user.clone(), request_id: ID.into(), ..Default::default() };
    let taken = people.operator.grants.revoke_grants(grants.clone()).await.expect("revoked").into_inner();
    let ended = people.operator.sessions.revoke_sessions(sessions.clone()).await.expect("ended").into_inner();
    let delete = DeleteUserRequest { name: user, ..Default::default() };
    people.operator.users.delete_user(delete).await.expect("deleted");
    let again = people.operator.grants.revoke_grants(grants).await.expect("answered").into_inner();
    assert_eq!((again, taken.revoked_grant_count), (taken, 1));
    let again = people.operator.sessions.revoke_sessions(sessions).await.expect("answered").into_inner();
    assert_eq!((again, ended.ended_session_count), (ended, 1));
}

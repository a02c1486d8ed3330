//! Users, and what ends when they may not be signed in any more.

use std::time::Duration;

use chancery_domain::{
    claims_request::ClaimsRequest,
    grant::{Grant, RevocationReason},
    id::{GrantId, SessionId, TenantId, UserId},
    ports::store::Store,
    resource::ResourceSet,
    scope::ScopeSet,
    secret::Digest,
    session::Session,
    time::Clock,
};
use chancery_proto::v1::{
    CreateUserRequest, DeleteUserRequest, DisableUserRequest, EnableUserRequest, GetUserRequest, ListUsersRequest,
    UpdateUserRequest, User, user::State,
};
use chancery_testkit::{SeededRandom, builders};
use tonic::Code;

use crate::world::{Caller, World, mask, refusal};

pub(crate) async fn create(caller: &mut Caller, name: &str) -> User {
    let user = User {
        username: name.into(),
        email: format!("{name}@example.com"),
        email_verified: true,
        ..Default::default()
    };
    let request = CreateUserRequest { parent: "tenants/acme".into(), user: Some(user), ..Default::default() };
    caller.users.create_user(request).await.expect("created").into_inner()
}

/// Signs the user in behind the door's back: a session with a grant of some client.
async fn sign_in(world: &World, tenant: TenantId, user: UserId, seed: u64) -> Digest {
    let (random, now) = (SeededRandom::new(seed), world.clock.now());
    let session = Session {
        id: SessionId::generate(&random, now),
        digest: Digest::of("test", &seed.to_be_bytes()),
        user,
        authenticated_at: now,
        amr: vec!["pwd".into()],
        last_seen_at: now,
        expires_at: now + Duration::from_secs(3600),
        ended_at: None,
    };
    let client = builders::public_client(&format!("app-{seed}"), &random, now);
    let grant = Grant {
        id: GrantId::generate(&random, now),
        client: client.uid,
        user,
        session: session.id,
        scopes: ScopeSet::parse("openid offline_access").expect("scopes"),
        resources: ResourceSet::default(),
        authenticated_at: now,
        amr: vec!["pwd".into()],
        acr: None,
        claims: ClaimsRequest::default(),
        created_at: now,
        expires_at: now + Duration::from_secs(3600),
        revoked: None,
    };
    let tx = Store::begin(&world.store, tenant).await.expect("begins");
    tx.clients().insert(&client).await.expect("inserts");
    tx.sessions().insert(&session).await.expect("inserts");
    tx.grants().insert(&grant).await.expect("inserts");
    tx.commit().await.expect("commits");
    session.digest
}

/// Whether nothing of what the user began is left.
async fn is_signed_out(world: &World, tenant: TenantId, session: &Digest) -> bool {
    let found = world.store.read(tenant).sessions().find(session).await.expect("read");
    let grants = world.store.grants(tenant);
    let revoked = |grant: &Grant| grant.revoked.is_some_and(|(_, reason)| reason == RevocationReason::ByAdmin);
    found.is_none_or(|session| session.ended_at.is_some()) && grants.iter().all(revoked)
}

#[tokio::test]
async fn a_user_is_created_found_and_changed() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let ada = create(&mut operator, "Ada").await;
    assert_eq!((ada.username.as_str(), ada.email.as_str()), ("ada", "ada@example.com"));
    assert!(!ada.password_set && ada.state() == State::Enabled);

    create(&mut operator, "bob").await;
    let list =
        |filter: &str| ListUsersRequest { parent: acme.name.clone(), filter: filter.into(), ..Default::default() };
    for (filter, count) in
        [("", 2), ("username = \"ada\"", 1), ("email = \"bob@example.com\"", 1), ("username = \"x\"", 0)]
    {
        let listed = operator.users.list_users(list(filter)).await.expect("listed").into_inner();
        assert_eq!(listed.users.len(), count, "{filter}");
    }
    assert_eq!(refusal(operator.users.list_users(list("age > 3")).await).1, "FIELD_INVALID");

    let moved = User { name: ada.name.clone(), email: "ada@elsewhere.example".into(), ..Default::default() };
    let request = UpdateUserRequest { user: Some(moved), update_mask: mask(&["email"]) };
    let updated = operator.users.update_user(request).await.expect("updated").into_inner();
    assert!(!updated.email_verified, "a new address is not a proven one");
    let taken = User { name: ada.name.clone(), username: "bob".into(), ..Default::default() };
    let request = UpdateUserRequest { user: Some(taken), update_mask: None };
    assert_eq!(refusal(operator.users.update_user(request).await), (Code::AlreadyExists, "USER_EXISTS".to_owned()));
}

#[tokio::test]
async fn names_keep_their_rules() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    create(&mut operator, "ada").await;
    let request = |name: &str| CreateUserRequest {
        parent: "tenants/acme".into(),
        user: Some(User { username: name.into(), ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(refusal(operator.users.create_user(request("ADA")).await), (Code::AlreadyExists, "USER_EXISTS".into()));
    for name in ["", "a b"] {
        assert_eq!(refusal(operator.users.create_user(request(name)).await).1, "FIELD_INVALID", "{name}");
    }
}

#[tokio::test]
async fn disabling_a_user_ends_what_they_began() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let ada = create(&mut operator, "ada").await;
    let (tenant, id) = (acme.uid.parse().expect("a uid"), ada.uid.parse().expect("an id"));
    let session = sign_in(&world, tenant, id, 1).await;
    assert!(!is_signed_out(&world, tenant, &session).await);

    let disable = || DisableUserRequest { name: ada.name.clone(), ..Default::default() };
    let disabled = operator.users.disable_user(disable()).await.expect("disabled").into_inner();
    assert_eq!(disabled.state(), State::Disabled);
    assert!(is_signed_out(&world, tenant, &session).await);
    assert_eq!(refusal(operator.users.disable_user(disable()).await).1, "USER_DISABLED");
    let enable = || EnableUserRequest { name: ada.name.clone(), ..Default::default() };
    assert!(operator.users.enable_user(enable()).await.is_ok());
    assert_eq!(refusal(operator.users.enable_user(enable()).await).1, "USER_ENABLED");
}

#[tokio::test]
async fn a_deleted_user_is_gone_with_everything() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let ada = create(&mut operator, "ada").await;
    let (tenant, id) = (acme.uid.parse().expect("a uid"), ada.uid.parse().expect("an id"));
    let session = sign_in(&world, tenant, id, 1).await;
    let delete = DeleteUserRequest { name: ada.name.clone(), ..Default::default() };
    assert!(operator.users.delete_user(delete).await.is_ok());
    assert!(is_signed_out(&world, tenant, &session).await);
    assert_eq!(refusal(operator.users.get_user(GetUserRequest { name: ada.name }).await).1, "USER_NOT_FOUND");
}

//! Rights that end, and keys that are bound to places: nobody gives them on for longer or to be used from elsewhere.

use std::time::Duration;

use chancery_proto::v1::{
    ApiKey, CreateApiKeyRequest, CreateApiKeyResponse, CreatePasswordLinkRequest, CreateRoleBindingRequest,
    CreateRoleRequest, CreateUserRequest, Role, RoleBinding, SuspendTenantRequest, UpdateRoleRequest, User,
};
use tonic::{Code, Status};

use crate::world::{Caller, World, mask, metadata, refusal, seconds};

const ACME: &str = "tenants/acme";

fn exceeds() -> (Code, String) {
    (Code::PermissionDenied, "GRANT_EXCEEDS_OWN".to_owned())
}

/// A key that administrates the tenant, made by that caller.
async fn key(caller: &mut Caller, life: Option<i64>, ranges: &[&str]) -> Result<CreateApiKeyResponse, Status> {
    let source_ranges = ranges.iter().map(|range| (*range).to_owned()).collect();
    let api_key = Some(ApiKey { display_name: "helper".into(), source_ranges, ..Default::default() });
    let ttl = life.and_then(seconds);
    let request = CreateApiKeyRequest { parent: ACME.into(), api_key, ttl, ..Default::default() };
    caller.api_keys.create_api_key(request).await.map(tonic::Response::into_inner)
}

async fn bind(caller: &mut Caller, member: &str, end: Option<prost_types::Timestamp>) -> Result<RoleBinding, Status> {
    let (role, member) = ("roles/tenant.reader".to_owned(), member.to_owned());
    let role_binding = Some(RoleBinding { role, member, expire_time: end, ..Default::default() });
    let request = CreateRoleBindingRequest { parent: ACME.into(), role_binding, ..Default::default() };
    caller.role_bindings.create_role_binding(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn t267_rights_that_end_do_not_make_themselves_last() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let brief = key(&mut operator, Some(600), &[]).await.expect("created");
    let end = brief.api_key.and_then(|key| key.expire_time).expect("ends");
    let mut brief = world.caller(&brief.secret);

    let lasting = bind(&mut brief, "certificates/ops.example", None).await;
    assert_eq!(metadata(&lasting, "latest"), end.to_string());
    assert_eq!(refusal(lasting), exceeds());
    let later = prost_types::Timestamp { seconds: end.seconds + 1, ..end };
    assert_eq!(refusal(bind(&mut brief, "certificates/ops.example", Some(later)).await), exceeds());
    assert!(bind(&mut brief, "certificates/ops.example", Some(end)).await.is_ok());

    assert_eq!(refusal(key(&mut brief, Some(601), &[]).await), exceeds());
    for life in [None, Some(600)] {
        let made = key(&mut brief, life, &[]).await.expect("created").api_key.expect("an entry");
        assert_eq!(made.expire_time, Some(end), "{life:?}");
    }

    // Whoever has a role may have it for longer than who widens it has what is added.
    let role = |permissions: &[&str]| Role {
        name: format!("{ACME}/roles/helpdesk"),
        permissions: permissions.iter().map(|code| (*code).to_owned()).collect(),
        ..Default::default()
    };
    let create = CreateRoleRequest {
        parent: ACME.into(),
        role_id: "helpdesk".into(),
        role: Some(role(&["users.get", "users.list"])),
        ..Default::default()
    };
    operator.roles.create_role(create).await.expect("created");
    let update = |permissions: &[&str]| UpdateRoleRequest {
        role: Some(role(permissions)),
        update_mask: mask(&["permissions"]),
        ..Default::default()
    };
    assert_eq!(refusal(brief.roles.update_role(update(&["users.get", "users.disable"])).await), exceeds());
    assert!(brief.roles.update_role(update(&["users.get"])).await.is_ok(), "it is only narrowed");
    assert!(operator.roles.update_role(update(&["users.get", "users.disable"])).await.is_ok());
}

#[tokio::test]
async fn t267_a_key_makes_no_key_that_outlives_it() {
    let world = World::new().await;
    world.tenant("acme").await;
    // Its roles are given until they are taken, and the key itself is good for an hour.
    let mut operator = world.operator().await;
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(refusal(key(&mut operator, Some(3001), &[]).await), exceeds());
    assert!(key(&mut operator, Some(3000), &[]).await.is_ok());
    assert!(bind(&mut operator, "certificates/ops.example", None).await.is_ok(), "roles are given as they are had");
}

#[tokio::test]
async fn t267_a_key_that_is_bound_to_places_gives_nothing_to_keys_that_are_not() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let free = key(&mut operator, None, &[]).await.expect("created").api_key.expect("an entry");
    let bound = key(&mut operator, None, &["127.0.0.0/8"]).await.expect("created");
    let mut bound = world.caller(&bound.secret);
    let end = free.expire_time;

    let refused = key(&mut bound, None, &[]).await;
    assert_eq!(metadata(&refused, "source_ranges"), "127.0.0.0/8");
    assert_eq!(refusal(refused), exceeds());
    assert_eq!(refusal(key(&mut bound, None, &["127.0.0.1", "10.0.0.0/8"]).await), exceeds());
    let narrow = key(&mut bound, None, &["127.0.0.1"]).await.expect("created").api_key.expect("an entry");

    let member = |key: &ApiKey| format!("apiKeys/{}", key.uid);
    assert_eq!(refusal(bind(&mut bound, &member(&free), end).await), exceeds());
    assert!(bind(&mut bound, &member(&narrow), end).await.is_ok());
}

/// Who signs in by what was made there may have their role for longer than its maker.
#[tokio::test]
async fn t267_who_owns_the_platform_for_a_while_makes_no_way_in_that_lasts() {
    let world = World::new().await;
    let system = world.tenant("system").await;
    let mut lasting = world.operator().await;
    let user = User { username: "ada".into(), ..Default::default() };
    let create = CreateUserRequest { parent: system.name.clone(), user: Some(user), ..Default::default() };
    let ada = lasting.users.create_user(create.clone()).await.expect("created").into_inner();
    let link = CreatePasswordLinkRequest { name: ada.name, ..Default::default() };

    let api_key = Some(ApiKey { display_name: "in case of fire".into(), ..Default::default() });
    let brief = CreateApiKeyRequest { api_key, ttl: seconds(600), ..Default::default() };
    let brief = lasting.api_keys.create_api_key(brief).await.expect("created").into_inner();
    let end = brief.api_key.and_then(|key| key.expire_time).expect("ends");
    let mut brief = world.caller(&brief.secret);
    let refused = brief.users.create_password_link(link.clone()).await;
    assert_eq!(metadata(&refused, "latest"), end.to_string());
    assert_eq!(refusal(refused), exceeds());
    assert_eq!(refusal(brief.users.create_user(create).await), exceeds());
    assert!(lasting.users.create_password_link(link).await.is_ok());

    let suspend = SuspendTenantRequest { name: system.name, ..Default::default() };
    assert!(brief.tenants.suspend_tenant(suspend).await.is_ok(), "they can shut everybody out");
}

//! Who has which role: it counts at once, ends in time, and the platform keeps an owner.

use std::time::Duration;

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    id::RoleBindingId,
    ports::platform::PlatformStore,
    principal::Principal,
    role::BuiltInRole,
    role_binding::{BoundRole, RoleBinding as Stored},
    time::Clock,
};
use chancery_proto::v1::{
    ApiKey, CreateApiKeyRequest, CreateRoleBindingRequest, DeleteApiKeyRequest, DeleteRoleBindingRequest,
    GetRoleBindingRequest, GetTenantRequest, ListRoleBindingsRequest, ListTenantsRequest, RoleBinding,
};
use tonic::Code;

use crate::{
    roles::within,
    world::{World, metadata, refusal},
};

fn bind(parent: &str, role: &str, member: &str) -> CreateRoleBindingRequest {
    let binding = RoleBinding { role: role.into(), member: member.into(), ..Default::default() };
    CreateRoleBindingRequest { parent: parent.into(), role_binding: Some(binding), ..Default::default() }
}

#[tokio::test]
async fn t276_a_role_counts_from_the_next_call_and_ends_with_its_binding() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let (id, text) = world.insert_key_of(AdminReach::Platform, BuiltInRole::PlatformWorker).await;
    let (mut worker, member) = (world.caller(&text), format!("apiKeys/{id}"));
    let users = || chancery_proto::v1::ListUsersRequest { parent: acme.name.clone(), ..Default::default() };
    assert_eq!(refusal(worker.users.list_users(users()).await).1, "PERMISSION_DENIED");

    let mut request = bind(&acme.name, "roles/tenant.user-admin", &member);
    let end = world.now() + Duration::from_secs(60);
    let binding = request.role_binding.as_mut().expect("there");
    binding.expire_time = Some(prost_types::Timestamp { seconds: end.seconds(), nanos: 0 });
    let made = operator.role_bindings.create_role_binding(request).await.expect("bound").into_inner();
    assert!(made.name.starts_with("tenants/acme/roleBindings/") && made.role == "roles/tenant.user-admin");
    assert!(worker.users.list_users(users()).await.is_ok());
    let got = operator.role_bindings.get_role_binding(GetRoleBindingRequest { name: made.name.clone() }).await;
    assert_eq!(got.expect("got").into_inner(), made);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(refusal(worker.users.list_users(users()).await).1, "PERMISSION_DENIED", "it has ended");

    let lasting = operator.role_bindings.create_role_binding(bind(&acme.name, "roles/tenant.user-admin", &member));
    let lasting = lasting.await.expect("bound").into_inner();
    assert!(worker.users.list_users(users()).await.is_ok());
    let delete = DeleteRoleBindingRequest { name: lasting.name.clone(), ..Default::default() };
    operator.role_bindings.delete_role_binding(delete.clone()).await.expect("deleted");
    assert_eq!(refusal(worker.users.list_users(users()).await).1, "PERMISSION_DENIED", "it was taken");
    assert_eq!(refusal(operator.role_bindings.delete_role_binding(delete).await).1, "ROLE_BINDING_NOT_FOUND");

    operator.api_keys.delete_api_key(DeleteApiKeyRequest { name: member, ..Default::default() }).await.expect("gone");
    let refused = refusal(worker.tenants.list_tenants(ListTenantsRequest::default()).await);
    assert_eq!(refused, (Code::Unauthenticated, "API_KEY_INVALID".to_owned()));
    let all = ListRoleBindingsRequest::default();
    let left = operator.role_bindings.list_role_bindings(all).await.expect("listed").into_inner().role_bindings;
    assert!(left.iter().all(|binding| !binding.member.contains(&id.to_string())), "what a key had goes with it");
}

#[tokio::test]
async fn a_key_of_a_tenant_gets_nothing_outside_of_it() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut operator = world.operator().await;
    let (id, text) = world.insert_key(within(&acme)).await;
    let member = format!("apiKeys/{id}");
    for (parent, role) in [("", "roles/platform.owner"), ("tenants/bolt", "roles/tenant.admin")] {
        let refused = refusal(operator.role_bindings.create_role_binding(bind(parent, role, &member)).await);
        assert_eq!(refused, (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    }
    // Even if it stood in the database.
    world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member.parse().expect("a principal")).await;
    let mut insider = world.caller(&text);
    let denied = refusal(insider.tenants.list_tenants(ListTenantsRequest::default()).await);
    assert_eq!(denied, (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    let absent = refusal(insider.tenants.get_tenant(GetTenantRequest { name: bolt.name }).await);
    assert_eq!(absent, (Code::NotFound, "TENANT_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_had_there_is_refused() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    for (parent, role, member) in [
        (acme.name.as_str(), "roles/platform.auditor", "clients/console"),
        (&acme.name, "roles/nothing", "clients/console"),
        (&acme.name, "tenants/bolt/roles/helpdesk", "clients/console"),
        ("", "tenants/acme/roles/helpdesk", "clients/console"),
        ("", "roles/platform.auditor", "groups/everybody"),
        ("", "roles/platform.auditor", "apiKeys/a18f0000-0000-7000-8000-00000000000a"),
    ] {
        let refused = refusal(operator.role_bindings.create_role_binding(bind(parent, role, member)).await);
        assert_eq!(refused, (Code::InvalidArgument, "FIELD_INVALID".to_owned()), "{parent} {role} {member}");
    }
    let none = bind(&acme.name, "tenants/acme/roles/helpdesk", "clients/console");
    assert_eq!(refusal(operator.role_bindings.create_role_binding(none).await).1, "ROLE_NOT_FOUND");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new().await;
    let (id, text) = world.insert_key(AdminReach::Platform).await;
    let mut owner = world.caller(&text);
    let all = || ListRoleBindingsRequest::default();
    let bindings = owner.role_bindings.list_role_bindings(all()).await.expect("listed").into_inner().role_bindings;
    let own = DeleteRoleBindingRequest { name: bindings[0].name.clone(), ..Default::default() };
    let key = DeleteApiKeyRequest { name: format!("apiKeys/{id}"), ..Default::default() };
    let last = (Code::FailedPrecondition, "LAST_OWNER".to_owned());
    assert_eq!(refusal(owner.role_bindings.delete_role_binding(own.clone()).await), last);
    for validate_only in [true, false] {
        let key = DeleteApiKeyRequest { validate_only, ..key.clone() };
        assert_eq!(refusal(owner.api_keys.delete_api_key(key).await), last);
    }

    let heir = bind("", "roles/platform.owner", "certificates/heir.example");
    owner.role_bindings.create_role_binding(heir).await.expect("bound");
    owner.role_bindings.delete_role_binding(own).await.expect("another is left");
    assert_eq!(refusal(owner.role_bindings.list_role_bindings(all()).await).1, "PERMISSION_DENIED");
}

#[tokio::test]
async fn t267_a_granter_of_one_tenant_grants_nothing_elsewhere() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut admin = world.within(&acme).await;
    let denied = admin.role_bindings.create_role_binding(bind("", "roles/tenant.reader", "clients/console")).await;
    assert_eq!(refusal(denied).1, "PERMISSION_DENIED");
    let absent = bind(&bolt.name, "roles/tenant.reader", "clients/console");
    assert_eq!(refusal(admin.role_bindings.create_role_binding(absent).await).1, "TENANT_NOT_FOUND");

    // The platform's operators do much, but do not say who may do what.
    let mut operator = world.with_role(AdminReach::Platform, BuiltInRole::PlatformOperator).await;
    let denied = operator.role_bindings.create_role_binding(bind(&bolt.name, "roles/tenant.reader", "clients/c")).await;
    assert_eq!(refusal(denied).1, "PERMISSION_DENIED");
}

#[tokio::test]
async fn a_role_that_somebody_has_for_as_long_is_not_given_again() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut operator = world.operator().await;
    let ending = |seconds| {
        let mut request = bind(&acme.name, "roles/tenant.reader", "clients/console");
        let end = world.now() + Duration::from_secs(seconds);
        request.role_binding.get_or_insert_default().expire_time =
            Some(prost_types::Timestamp { seconds: end.seconds(), nanos: 0 });
        request
    };
    let lasting = || bind(&acme.name, "roles/tenant.reader", "clients/console");
    let exists = (Code::AlreadyExists, "ROLE_BINDING_EXISTS".to_owned());

    let first = operator.role_bindings.create_role_binding(ending(60)).await.expect("bound").into_inner();
    for same in [ending(60), ending(30), CreateRoleBindingRequest { validate_only: true, ..ending(60) }] {
        let refused = operator.role_bindings.create_role_binding(same).await;
        assert_eq!(metadata(&refused, "name"), first.name);
        assert_eq!(refusal(refused), exists);
    }
    let longer = operator.role_bindings.create_role_binding(lasting()).await.expect("for longer").into_inner();
    let refused = operator.role_bindings.create_role_binding(lasting()).await;
    assert_eq!(metadata(&refused, "name"), longer.name);
    assert_eq!(refusal(refused), exists);

    for other in [
        bind(&bolt.name, "roles/tenant.reader", "clients/console"),
        bind(&acme.name, "roles/tenant.auditor", "clients/console"),
        bind(&acme.name, "roles/tenant.reader", "clients/portal"),
    ] {
        assert!(operator.role_bindings.create_role_binding(other).await.is_ok());
    }
    let taken = DeleteRoleBindingRequest { name: longer.name, ..Default::default() };
    operator.role_bindings.delete_role_binding(taken).await.expect("deleted");
    world.clock.advance(Duration::from_secs(60));
    assert!(operator.role_bindings.create_role_binding(ending(60)).await.is_ok(), "the first has ended");
}

/// Stores so many bindings of that place that end in a minute.
async fn crowd(world: &World, place: AdminReach, members: impl Iterator<Item = Principal>) {
    let now = world.clock.now();
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    for member in members {
        let binding = Stored {
            id: RoleBindingId::generate(&*world.random, now),
            place,
            role: BoundRole::BuiltIn(BuiltInRole::TenantReader),
            member,
            created_at: now,
            expires_at: Some(now + Duration::from_secs(60)),
        };
        tx.role_bindings().insert(&binding).await.expect("binds");
    }
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn t272_a_place_has_so_many_live_bindings_and_no_more() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut operator = world.operator().await;
    let member = |number: u64| format!("clients/c{number}").parse().expect("a principal");
    crowd(&world, within(&acme), (0..Stored::MOST).map(member)).await;
    let full = (Code::FailedPrecondition, "TOO_MANY_ROLE_BINDINGS".to_owned());
    let reader = |parent: &str| bind(parent, "roles/tenant.reader", "clients/console");
    assert_eq!(refusal(operator.role_bindings.create_role_binding(reader(&acme.name)).await), full);
    let api_key = Some(ApiKey { display_name: "automation".into(), ..Default::default() });
    let key = CreateApiKeyRequest { parent: acme.name.clone(), api_key, ..Default::default() };
    assert_eq!(refusal(operator.api_keys.create_api_key(key.clone()).await), full, "a key comes with its roles");
    assert!(operator.role_bindings.create_role_binding(reader(&bolt.name)).await.is_ok());
    world.clock.advance(Duration::from_secs(60));
    assert!(operator.role_bindings.create_role_binding(reader(&acme.name)).await.is_ok(), "the others have ended");
    assert!(operator.api_keys.create_api_key(key).await.is_ok());
}

#[tokio::test]
async fn t272_a_tenant_does_not_make_the_calls_of_others_slow_by_what_it_gives_them() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut operator = world.operator().await;
    let member: Principal = "clients/console".parse().expect("a principal");
    crowd(&world, within(&acme), std::iter::repeat_n(member, Stored::MOST_OF_MEMBER)).await;
    // Ended ones are read as well before they are looked at.
    world.clock.advance(Duration::from_secs(60));
    let reader = |parent: &str, member: &str| bind(parent, "roles/tenant.reader", member);
    let refused = operator.role_bindings.create_role_binding(reader(&acme.name, "clients/console")).await;
    assert_eq!(metadata(&refused, "name"), "clients/console");
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "TOO_MANY_ROLE_BINDINGS".to_owned()));
    assert!(operator.role_bindings.create_role_binding(reader(&acme.name, "clients/portal")).await.is_ok());
    assert!(operator.role_bindings.create_role_binding(reader(&bolt.name, "clients/console")).await.is_ok());
}

#[tokio::test]
async fn t272_a_tenant_has_so_many_live_keys_and_no_more() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut operator = world.operator().await;
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    for _ in 0..AdminKey::MOST {
        let minute = Duration::from_secs(60);
        let (key, _) = AdminKey::generate("automation", within(&acme), minute, &*world.random, world.now());
        tx.admin_keys().insert(&key).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    let key = |parent: &str| {
        let api_key = Some(ApiKey { display_name: "one more".into(), ..Default::default() });
        CreateApiKeyRequest { parent: parent.into(), api_key, ..Default::default() }
    };
    let refused = refusal(operator.api_keys.create_api_key(key(&acme.name)).await);
    assert_eq!(refused, (Code::FailedPrecondition, "TOO_MANY_API_KEYS".to_owned()));
    assert!(operator.api_keys.create_api_key(key(&bolt.name)).await.is_ok());
    world.clock.advance(Duration::from_secs(60));
    assert!(operator.api_keys.create_api_key(key(&acme.name)).await.is_ok(), "the others have ended");
}

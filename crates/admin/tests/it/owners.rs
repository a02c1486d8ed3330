//! The platform keeps an owner who can call, and the system tenant stays open to those who say who may do what.

use chancery_domain::{admin_key::AdminReach, principal::Principal, role::BuiltInRole};
use chancery_proto::v1::{
    CreateTenantRequest, CreateUserRequest, DeleteApiKeyRequest, DeleteClientRequest, DeleteTenantRequest,
    DeleteUserRequest, DisableClientRequest, DisableUserRequest, ResumeTenantRequest, SuspendTenantRequest, Tenant,
    TenantDocument, UndeleteTenantRequest, User, tenant::State,
};
use tonic::Code;

use crate::{
    access_tokens::Scene,
    documents::{apply, plan},
    world::{World, metadata, refusal},
};

const SYSTEM: &str = "tenants/system";

fn last() -> (Code, String) {
    (Code::FailedPrecondition, "LAST_OWNER".to_owned())
}

fn suspend() -> SuspendTenantRequest {
    SuspendTenantRequest { name: SYSTEM.into(), ..Default::default() }
}

fn delete() -> DeleteTenantRequest {
    DeleteTenantRequest { name: SYSTEM.into(), ..Default::default() }
}

#[tokio::test]
async fn who_may_not_give_roles_of_the_platform_does_not_stop_the_system_tenant() {
    let world = World::new().await;
    world.tenant("system").await;
    let mut operator = world.with_role(AdminReach::Platform, BuiltInRole::PlatformOperator).await;
    let resume = ResumeTenantRequest { name: SYSTEM.into(), ..Default::default() };
    let undelete = UndeleteTenantRequest { name: SYSTEM.into(), ..Default::default() };
    for refused in [
        operator.tenants.suspend_tenant(suspend()).await.map(drop),
        operator.tenants.delete_tenant(delete()).await.map(drop),
        operator.tenants.resume_tenant(resume).await.map(drop),
        operator.tenants.undelete_tenant(undelete).await.map(drop),
        operator.previews.preview_suspend_tenant(suspend()).await.map(drop),
        operator.previews.preview_delete_tenant(delete()).await.map(drop),
    ] {
        assert_eq!(metadata(&refused, "permission"), "role_bindings.create");
        assert_eq!(refusal(refused), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    }
    let mut owner = world.operator().await;
    let suspended = owner.tenants.suspend_tenant(suspend()).await.expect("the owner has a key").into_inner();
    assert_eq!(suspended.state(), State::Suspended);
}

#[tokio::test]
async fn who_may_not_give_roles_of_the_platform_does_not_make_the_system_tenant() {
    let world = World::new().await;
    let mut operator = world.with_role(AdminReach::Platform, BuiltInRole::PlatformOperator).await;
    let create = |validate_only| CreateTenantRequest {
        tenant_id: "system".into(),
        tenant: Some(Tenant::default()),
        validate_only,
        ..Default::default()
    };
    let tenant = Some(Tenant { name: SYSTEM.into(), ..Default::default() });
    let document = TenantDocument { tenant, ..Default::default() };
    for refused in [
        operator.tenants.create_tenant(create(true)).await.map(drop),
        operator.tenants.create_tenant(create(false)).await.map(drop),
        plan(&mut operator, &document).await.map(drop),
        apply(&mut operator, &document).await.map(drop),
    ] {
        assert_eq!(metadata(&refused, "permission"), "role_bindings.create");
        assert_eq!(refusal(refused), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    }
    let mut owner = world.operator().await;
    plan(&mut owner, &document).await.expect("an owner may");
    owner.tenants.create_tenant(create(false)).await.expect("an owner may");
}

#[tokio::test]
async fn the_last_owner_is_neither_deleted_nor_disabled_nor_shut_out() {
    let scene = Box::pin(Scene::new()).await;
    let person = Principal::User(scene.user.id);
    scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, person).await;
    let mut ada = scene.caller().await;
    // Somebody who may not sign in owns nothing, and neither does who is not there.
    let user = User { username: "bob".into(), ..Default::default() };
    let create = CreateUserRequest { parent: SYSTEM.into(), user: Some(user), ..Default::default() };
    let bob = ada.users.create_user(create).await.expect("created").into_inner();
    for member in [format!("users/{}", bob.uid), "clients/nobody".to_owned()] {
        let member = member.parse().expect("a principal");
        scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, member).await;
    }
    let disable = |name: String| DisableUserRequest { name, ..Default::default() };
    ada.users.disable_user(disable(bob.name)).await.expect("ada stays");

    let own = format!("{SYSTEM}/users/{}", scene.user.id);
    let remove = DeleteUserRequest { name: own.clone(), ..Default::default() };
    assert_eq!(refusal(ada.users.disable_user(disable(own.clone())).await), last());
    assert_eq!(refusal(ada.users.delete_user(remove.clone()).await), last());
    assert_eq!(refusal(ada.previews.preview_delete_user(remove).await), last());
    assert_eq!(refusal(ada.tenants.suspend_tenant(suspend()).await), last());
    assert_eq!(refusal(ada.tenants.delete_tenant(delete()).await), last());

    // A key that owns the platform does not go before its time either, if it is what is left.
    let (key, text) = scene.world.insert_key(AdminReach::Platform).await;
    let mut owner = scene.world.caller(&text);
    owner.users.disable_user(disable(own)).await.expect("the key stays");
    let request = DeleteApiKeyRequest { name: format!("apiKeys/{key}"), ..Default::default() };
    assert_eq!(refusal(owner.api_keys.delete_api_key(request).await), last());
}

#[tokio::test]
async fn the_last_owner_may_be_a_program() {
    let scene = Box::pin(Scene::new()).await;
    let robot = Principal::Client(scene.robot.id.clone());
    scene.world.bind(AdminReach::Platform, BuiltInRole::PlatformOwner, robot).await;
    let (key, text) = scene.world.insert_key(AdminReach::Platform).await;
    let mut owner = scene.world.caller(&text);
    let gone = DeleteApiKeyRequest { name: format!("apiKeys/{key}"), ..Default::default() };
    let trial = DeleteApiKeyRequest { validate_only: true, ..gone.clone() };
    owner.api_keys.delete_api_key(trial).await.expect("the program stays");
    let name = format!("{SYSTEM}/clients/{}", scene.robot.id);
    let disable = DisableClientRequest { name: name.clone(), ..Default::default() };
    owner.clients.disable_client(disable.clone()).await.expect("the key stays");
    assert_eq!(refusal(owner.api_keys.delete_api_key(gone).await), last());
    let remove = DeleteClientRequest { name, ..Default::default() };
    owner.clients.delete_client(remove).await.expect("the key stays");
}

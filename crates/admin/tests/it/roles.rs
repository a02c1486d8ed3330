//! Roles of tenants: made of what their maker has, changed for all who have them, and gone when nobody does.

use chancery_domain::{admin_key::AdminReach, id::TenantId, role::BuiltInRole};
use chancery_proto::v1::{
    ApiKey, CreateApiKeyRequest, CreateRoleBindingRequest, CreateRoleRequest, DeleteApiKeyRequest, DeleteRoleRequest,
    DisableUserRequest, GetRoleRequest, GetTenantRequest, ListApiKeysRequest, ListClientsRequest, ListRolesRequest,
    ListUsersRequest, Role, RoleBinding, Tenant, UpdateRoleRequest,
};
use tonic::Code;

use crate::world::{Caller, World, mask, metadata, refusal};

fn create(parent: &str, permissions: &[&str]) -> CreateRoleRequest {
    let permissions = permissions.iter().map(|code| (*code).to_owned()).collect();
    let role = Role { display_name: "Help desk".into(), permissions, ..Default::default() };
    CreateRoleRequest { parent: parent.into(), role_id: "helpdesk".into(), role: Some(role), ..Default::default() }
}

pub(crate) fn within(tenant: &Tenant) -> AdminReach {
    let id: TenantId = tenant.uid.parse().expect("a uid");
    AdminReach::Tenant(id)
}

/// A key of that tenant with these roles, made by that caller.
async fn key_of(world: &World, maker: &mut Caller, parent: &str, roles: &[&str]) -> Result<Caller, tonic::Status> {
    let api_key = Some(ApiKey { display_name: "helper".into(), ..Default::default() });
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let request = CreateApiKeyRequest { parent: parent.into(), api_key, roles, ..Default::default() };
    maker.api_keys.create_api_key(request).await.map(|made| world.caller(&made.into_inner().secret))
}

#[tokio::test]
async fn a_role_of_a_tenant_allows_what_is_in_it_from_the_next_call_on() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut admin = world.within(&acme).await;
    let made = admin.roles.create_role(create(&acme.name, &["users.list", "tenants.get"])).await;
    let role = made.expect("created").into_inner();
    assert_eq!((role.name.as_str(), role.built_in), ("tenants/acme/roles/helpdesk", false));
    let mut helper = key_of(&world, &mut admin, &acme.name, &[&role.name]).await.expect("a key");

    let users = || ListUsersRequest { parent: acme.name.clone(), ..Default::default() };
    let clients = || ListClientsRequest { parent: acme.name.clone(), ..Default::default() };
    assert!(helper.users.list_users(users()).await.is_ok());
    let denied = helper.clients.list_clients(clients()).await;
    assert_eq!(metadata(&denied, "permission"), "clients.list");
    assert_eq!(refusal(denied), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));

    let wider = Role { permissions: vec!["clients.list".into()], ..role.clone() };
    let update = UpdateRoleRequest { role: Some(wider), update_mask: mask(&["permissions"]), ..Default::default() };
    let updated = admin.roles.update_role(update.clone()).await.expect("updated").into_inner();
    assert_ne!(updated.etag, role.etag);
    assert!(helper.clients.list_clients(clients()).await.is_ok());
    assert_eq!(refusal(helper.users.list_users(users()).await).1, "PERMISSION_DENIED");
    assert_eq!(refusal(admin.roles.update_role(update).await).1, "ETAG_MISMATCH");

    let in_use = DeleteRoleRequest { name: role.name.clone(), ..Default::default() };
    assert_eq!(refusal(admin.roles.delete_role(in_use.clone()).await).1, "ROLE_IN_USE");
    let keys = ListApiKeysRequest { parent: acme.name.clone(), ..Default::default() };
    let keys = admin.api_keys.list_api_keys(keys).await.expect("listed").into_inner().api_keys;
    let own = keys.iter().find(|key| key.display_name == "helper").expect("the helper's");
    let gone = DeleteApiKeyRequest { name: own.name.clone(), ..Default::default() };
    admin.api_keys.delete_api_key(gone).await.expect("deleted");
    admin.roles.delete_role(in_use).await.expect("deleted");
    let absent = admin.roles.get_role(GetRoleRequest { name: role.name }).await;
    assert_eq!(refusal(absent).1, "ROLE_NOT_FOUND");
}

#[tokio::test]
async fn a_role_is_made_of_permissions_that_a_tenant_has() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    for wrong in [&["tenants.create"][..], &["clients.*"], &["nothing"], &[]] {
        let refused = refusal(operator.roles.create_role(create(&acme.name, wrong)).await);
        assert_eq!(refused, (Code::InvalidArgument, "FIELD_INVALID".to_owned()), "{wrong:?}");
    }
    let trial = CreateRoleRequest { validate_only: true, ..create(&acme.name, &["users.get"]) };
    assert!(operator.roles.create_role(trial).await.is_ok());
    operator.roles.create_role(create(&acme.name, &["users.get"])).await.expect("the trial made nothing");
    let again = refusal(operator.roles.create_role(create(&acme.name, &["users.get"])).await);
    assert_eq!(again, (Code::AlreadyExists, "ROLE_EXISTS".to_owned()));
    let built_in = Role { name: "roles/tenant.admin".into(), display_name: "x".into(), ..Default::default() };
    let update = UpdateRoleRequest { role: Some(built_in), update_mask: None, ..Default::default() };
    assert_eq!(refusal(operator.roles.update_role(update).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn roles_are_listed_with_those_that_are_built_in() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut admin = world.within(&acme).await;
    admin.roles.create_role(create(&acme.name, &["users.get"])).await.expect("created");
    let request = ListRolesRequest { parent: acme.name.clone(), ..Default::default() };
    let roles = admin.roles.list_roles(request).await.expect("listed").into_inner().roles;
    let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!((names[0], names[6]), ("roles/tenant.admin", "tenants/acme/roles/helpdesk"));
    assert!(names.len() == 7 && !names.contains(&"roles/platform.owner"));
    assert!(roles.iter().all(|role| !role.permissions.is_empty()));
    assert_eq!(refusal(admin.roles.list_roles(ListRolesRequest::default()).await).1, "PERMISSION_DENIED");
    let all = world.operator().await.roles.list_roles(ListRolesRequest::default()).await.expect("listed").into_inner();
    assert_eq!(all.roles.len(), BuiltInRole::ALL.len());
}

/// Three ways to come by what one was not given: a role, a key and a binding of more; a role that is widened when one
/// has it; and a role of a name that another comes to have.
#[tokio::test]
async fn t267_nobody_gives_what_they_lack() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut admin = world.within(&acme).await;
    let granting = ["roles.create", "roles.update", "roles.delete", "role_bindings.create", "api_keys.create"];
    let made = admin.roles.create_role(create(&acme.name, &granting)).await.expect("created").into_inner();
    let mut granter = key_of(&world, &mut admin, &acme.name, &[&made.name]).await.expect("a key");
    let exceeds = (Code::PermissionDenied, "GRANT_EXCEEDS_OWN".to_owned());

    let more = CreateRoleRequest { role_id: "more".into(), ..create(&acme.name, &["users.disable"]) };
    let refused = granter.roles.create_role(more).await;
    assert_eq!(metadata(&refused, "permissions"), "users.disable");
    assert_eq!(refusal(refused), exceeds);
    for roles in [&[][..], &["roles/tenant.admin"], &["roles/tenant.reader"]] {
        let refused = key_of(&world, &mut granter, &acme.name, roles).await.map(drop);
        assert_eq!(refusal(refused), exceeds, "{roles:?}");
    }
    let platform = key_of(&world, &mut granter, "", &["roles/platform.owner"]).await.map(drop);
    assert_eq!(refusal(platform).1, "PERMISSION_DENIED");
    let bind = |role: &str| CreateRoleBindingRequest {
        parent: acme.name.clone(),
        role_binding: Some(RoleBinding {
            role: role.into(),
            member: "certificates/ops.example".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let refused = granter.role_bindings.create_role_binding(bind("roles/tenant.user-admin")).await;
    assert_eq!(refusal(refused), exceeds);

    // The role that they have themselves, widened.
    let permissions = granting.iter().chain(&["users.disable"]).map(|code| (*code).to_owned()).collect();
    let wider = Role { name: made.name.clone(), permissions, ..Default::default() };
    let update = UpdateRoleRequest { role: Some(wider), update_mask: mask(&["permissions"]), ..Default::default() };
    assert_eq!(refusal(granter.roles.update_role(update).await), exceeds);
    let disable = DisableUserRequest { name: format!("{}/users/{}", acme.name, acme.uid), ..Default::default() };
    assert_eq!(refusal(granter.users.disable_user(disable).await).1, "PERMISSION_DENIED");

    // What they have they may give, as long as they have it, and narrow.
    let mut own = bind(&made.name);
    let end = world.now() + std::time::Duration::from_secs(3600);
    own.role_binding.get_or_insert_default().expire_time =
        Some(prost_types::Timestamp { seconds: end.seconds(), nanos: 0 });
    assert!(granter.role_bindings.create_role_binding(own).await.is_ok());
    let mut equal = key_of(&world, &mut granter, &acme.name, &[&made.name]).await.expect("a key");
    assert!(
        equal
            .roles
            .create_role(CreateRoleRequest { role_id: "few".into(), ..create(&acme.name, &granting[..1]) })
            .await
            .is_ok()
    );

    // Another role comes to have the name: whoever had the old one has nothing of it.
    let few = "tenants/acme/roles/few";
    let mut poor = key_of(&world, &mut granter, &acme.name, &[few]).await.expect("a key");
    assert_eq!(
        refusal(granter.roles.delete_role(DeleteRoleRequest { name: few.into(), ..Default::default() }).await).1,
        "ROLE_IN_USE"
    );
    assert_eq!(
        refusal(poor.tenants.get_tenant(GetTenantRequest { name: acme.name.clone() }).await).1,
        "PERMISSION_DENIED"
    );
}

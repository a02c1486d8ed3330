//! Calls that need a second caller: approved by somebody who could make them, and then made once.

use std::time::Duration;

use chancery_admin::Danger;
use chancery_domain::{admin_key::AdminReach, audit::Action, permission::Permission, role::BuiltInRole};
use chancery_proto::v1::{
    ApiKey, ApproveApprovalRequest, CreateApiKeyRequest, CreateRoleBindingRequest, CreateRoleRequest,
    DeleteTenantRequest, GetApprovalRequest, ListApprovalsRequest, RejectApprovalRequest, Role, RoleBinding,
    RotateKeysRequest, Tenant, UpdateRoleRequest, approval::State,
};
use tonic::Code;

use crate::world::{Caller, World, mask, metadata, refusal};

fn delete() -> DeleteTenantRequest {
    DeleteTenantRequest { name: "tenants/acme".into(), ..Default::default() }
}

/// Makes the call, which must ask for approval, and gives its name.
async fn asked(caller: &mut Caller) -> String {
    let refused = caller.tenants.delete_tenant(delete()).await;
    let name = metadata(&refused, "approval");
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "APPROVAL_REQUIRED".to_owned()));
    name
}

async fn approve(caller: &mut Caller, name: &str) -> Result<chancery_proto::v1::Approval, tonic::Status> {
    let request = ApproveApprovalRequest { name: name.to_owned(), ..Default::default() };
    caller.approvals.approve_approval(request).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_call_goes_on_once_when_somebody_else_has_approved_it() {
    let world = World::with_second_approver(&[Permission::TenantsDelete]).await;
    let acme = world.tenant("acme").await;
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    let trial = DeleteTenantRequest { validate_only: true, ..delete() };
    ada.tenants.delete_tenant(trial).await.expect("a trial needs nobody");

    let name = asked(&mut ada).await;
    assert_eq!(asked(&mut ada).await, name, "it waits still");
    let own = approve(&mut ada, &name).await;
    assert_eq!(refusal(own), (Code::PermissionDenied, "APPROVAL_OWN".to_owned()));
    let seen = bob.approvals.get_approval(GetApprovalRequest { name: name.clone() }).await.expect("got").into_inner();
    assert_eq!((seen.permission.as_str(), seen.tenant.as_str()), ("tenants.delete", acme.name.as_str()));
    assert_eq!(seen.request, "name: \"tenants/acme\"");
    let other = ApproveApprovalRequest { name: name.clone(), request_digest: "00".into(), ..Default::default() };
    assert_eq!(refusal(bob.approvals.approve_approval(other).await).1, "FIELD_INVALID");
    let approved = approve(&mut bob, &name).await.expect("approved");
    assert_eq!(approved.state(), State::Approved);

    // Another request is not the one that was approved, and whoever approved has not asked.
    let changed = DeleteTenantRequest { etag: acme.etag.clone(), ..delete() };
    assert_eq!(refusal(ada.tenants.delete_tenant(changed).await).1, "APPROVAL_REQUIRED");
    assert_eq!(refusal(bob.tenants.delete_tenant(delete()).await).1, "APPROVAL_REQUIRED");
    let deleted = ada.tenants.delete_tenant(delete()).await.expect("deleted").into_inner();
    assert!(deleted.purge_time.is_some());
    let spent = bob.approvals.get_approval(GetApprovalRequest { name: name.clone() }).await.expect("got").into_inner();
    assert_eq!(spent.state(), State::Spent);
    assert_ne!(asked(&mut ada).await, name, "once only");
    let told: Vec<_> = world.store.audit().iter().map(|event| event.action).collect();
    assert!(told.contains(&Action::Approved) && told.contains(&Action::ApprovalSpent));
}

#[tokio::test]
async fn a_decision_that_names_itself_is_made_once() {
    let world = World::with_second_approver(&[Permission::TenantsDelete]).await;
    world.tenant("acme").await;
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    let (name, request_id) = (asked(&mut ada).await, "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11".to_owned());
    let request = ApproveApprovalRequest { name: name.clone(), request_id: request_id.clone(), ..Default::default() };
    let first = bob.approvals.approve_approval(request.clone()).await.expect("approved").into_inner();
    let again = bob.approvals.approve_approval(request.clone()).await.expect("answered").into_inner();
    assert_eq!(first, again);
    let other = ApproveApprovalRequest { request_digest: first.request_digest.clone(), ..request };
    assert_eq!(refusal(bob.approvals.approve_approval(other).await).1, "REQUEST_ID_REUSED");
    let events = || world.store.audit().iter().filter(|event| event.action == Action::Approved).count();
    assert_eq!(events(), 1);

    let reject = RejectApprovalRequest { name, request_id };
    let first = bob.approvals.reject_approval(reject.clone()).await.expect("rejected").into_inner();
    let again = bob.approvals.reject_approval(reject).await.expect("answered").into_inner();
    assert_eq!((first.state(), &again), (State::Rejected, &first));
}

#[tokio::test]
async fn a_call_that_is_refused_spends_nothing() {
    let world = World::with_second_approver(&[Permission::TenantsDelete]).await;
    world.tenant("acme").await;
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    let stale = || DeleteTenantRequest { etag: "\"old\"".into(), ..delete() };
    let refused = ada.tenants.delete_tenant(stale()).await;
    let name = metadata(&refused, "approval");
    approve(&mut bob, &name).await.expect("approved");
    assert_eq!(refusal(ada.tenants.delete_tenant(stale()).await).1, "ETAG_MISMATCH");
    let again = ada.approvals.get_approval(GetApprovalRequest { name }).await.expect("got").into_inner();
    assert_eq!(again.state(), State::Approved);
    let told: Vec<_> = world.store.audit().iter().map(|event| event.action).collect();
    assert_eq!(told[told.len() - 2..], [Action::ApprovalSpent, Action::ApprovalReturned]);
}

#[tokio::test]
async fn a_call_of_which_nobody_knows_what_it_left_spends_its_approval() {
    let world = World::with_second_approver(&[Permission::KeysRotate]).await;
    let acme = world.tenant("acme").await;
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    let rotate = |request_id: &str| RotateKeysRequest {
        parent: acme.name.clone(),
        request_id: request_id.into(),
        ..Default::default()
    };
    for request_id in ["", "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11"] {
        let name = metadata(&ada.keys.rotate_keys(rotate(request_id)).await, "approval");
        approve(&mut bob, &name).await.expect("approved");
        world.store.make_unreadable(acme.uid.parse().expect("a uid"));
        let failed = refusal(ada.keys.rotate_keys(rotate(request_id)).await);
        assert!(["INTERNAL", "STORE_UNAVAILABLE"].contains(&failed.1.as_str()), "{failed:?}");
        let spent = ada.approvals.get_approval(GetApprovalRequest { name }).await.expect("got").into_inner();
        assert_eq!(spent.state(), State::Spent);
        // Only one that is done once whatever happens may be tried again.
        let again = refusal(ada.keys.rotate_keys(rotate(request_id)).await).1;
        assert_eq!(again == "APPROVAL_REQUIRED", request_id.is_empty(), "{again}");
    }
}

#[tokio::test]
async fn an_approval_is_for_an_hour_and_can_be_refused() {
    let world = World::with_second_approver(&[Permission::TenantsDelete]).await;
    world.tenant("acme").await;
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    let name = asked(&mut ada).await;
    approve(&mut bob, &name).await.expect("approved");
    world.clock.advance(Duration::from_secs(3599));
    bob.approvals.get_approval(GetApprovalRequest { name: name.clone() }).await.expect("it is still there");
    world.clock.advance(Duration::from_secs(1));
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    assert_eq!(refusal(approve(&mut bob, &name).await), (Code::NotFound, "APPROVAL_NOT_FOUND".to_owned()));

    let name = asked(&mut ada).await;
    let reject = RejectApprovalRequest { name: name.clone(), ..Default::default() };
    bob.approvals.reject_approval(reject).await.expect("rejected");
    assert_eq!(refusal(ada.tenants.delete_tenant(delete()).await).1, "APPROVAL_STATE");
    assert_eq!(refusal(approve(&mut bob, &name).await).1, "APPROVAL_STATE");
}

#[tokio::test]
async fn only_who_could_make_the_call_sees_it_and_approves() {
    let world = World::with_second_approver(&[Permission::TenantsDelete, Permission::RoleBindingsCreate]).await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut ada = world.operator().await;
    let name = asked(&mut ada).await;
    let mut auditor = world.with_role(AdminReach::Platform, BuiltInRole::PlatformAuditor).await;
    assert_eq!(refusal(approve(&mut auditor, &name).await).1, "APPROVAL_NOT_FOUND");
    let listed = auditor.approvals.list_approvals(ListApprovalsRequest::default()).await.expect("listed");
    assert_eq!(listed.into_inner().approvals, []);

    let (mut insider, mut outsider) = (world.within(&acme).await, world.within(&bolt).await);
    let binding = RoleBinding { role: "roles/tenant.reader".into(), member: "clients/c".into(), ..Default::default() };
    let bind =
        CreateRoleBindingRequest { parent: acme.name.clone(), role_binding: Some(binding), ..Default::default() };
    assert_eq!(refusal(outsider.role_bindings.create_role_binding(bind.clone()).await).1, "TENANT_NOT_FOUND");
    let refused = insider.role_bindings.create_role_binding(bind.clone()).await;
    let name = metadata(&refused, "approval");
    assert_eq!(refusal(approve(&mut outsider, &name).await).1, "APPROVAL_NOT_FOUND");
    let mut colleague = world.within(&acme).await;
    let listed = colleague.approvals.list_approvals(ListApprovalsRequest::default()).await.expect("listed");
    assert_eq!(listed.into_inner().approvals.len(), 1, "that of the platform is not theirs");
    approve(&mut colleague, &name).await.expect("approved");
    assert!(insider.role_bindings.create_role_binding(bind).await.is_ok());
}

#[tokio::test]
async fn a_preview_needs_nobody_and_its_call_is_approved_with_it() {
    let world = World::wanting_both(vec![Danger::DeleteTenant], &[Permission::TenantsDelete]).await;
    world.tenant("acme").await;
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    let preview = ada.previews.preview_delete_tenant(delete()).await.expect("shown").into_inner();
    let delete = DeleteTenantRequest { preview_hash: preview.hash, ..delete() };
    let name = metadata(&ada.tenants.delete_tenant(delete.clone()).await, "approval");
    approve(&mut bob, &name).await.expect("approved");
    ada.tenants.delete_tenant(delete).await.expect("deleted");
}

fn bind(parent: &str, role: &str) -> CreateRoleBindingRequest {
    let (role, member) = (role.to_owned(), "certificates/ops.example".to_owned());
    let role_binding = Some(RoleBinding { role, member, ..Default::default() });
    CreateRoleBindingRequest { parent: parent.into(), role_binding, ..Default::default() }
}

fn key(parent: &str, roles: &[&str]) -> CreateApiKeyRequest {
    let api_key = Some(ApiKey { display_name: "automation".into(), ..Default::default() });
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    CreateApiKeyRequest { parent: parent.into(), api_key, roles, ..Default::default() }
}

fn helpdesk(permissions: &[&str]) -> Role {
    let permissions = permissions.iter().map(|code| (*code).to_owned()).collect();
    Role { name: "tenants/acme/roles/helpdesk".into(), permissions, ..Default::default() }
}

/// A server on which nobody needs anybody, with that role in a tenant, and an owner.
async fn with_helpdesk(permissions: &[&str]) -> (World, Tenant, Caller) {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut owner = world.operator().await;
    let (role_id, role) = ("helpdesk".into(), Some(helpdesk(permissions)));
    let create = CreateRoleRequest { parent: acme.name.clone(), role_id, role, ..Default::default() };
    owner.roles.create_role(create).await.expect("created");
    (world, acme, owner)
}

/// Whoever wants a role of the platform does not have it approved by who administrates a tenant.
#[tokio::test]
async fn t267_a_caller_does_not_choose_whose_approval_counts() {
    let world = World::with_second_approver(&[Permission::RoleBindingsCreate, Permission::ApiKeysCreate]).await;
    let acme = world.tenant("acme").await;
    let (mut ada, mut insider) = (world.operator().await, world.within(&acme).await);
    let mut binding = bind("", "roles/platform.owner");
    binding.role_binding.get_or_insert_default().name = format!("{}/roleBindings/x", acme.name);
    let mut key = key("", &[]);
    key.api_key.get_or_insert_default().name = format!("{}/apiKeys/x", acme.name);
    for name in [
        metadata(&ada.role_bindings.create_role_binding(binding.clone()).await, "approval"),
        metadata(&ada.api_keys.create_api_key(key).await, "approval"),
    ] {
        let seen = ada.approvals.get_approval(GetApprovalRequest { name: name.clone() }).await.expect("got");
        assert_eq!(seen.into_inner().tenant, "");
        assert_eq!(refusal(approve(&mut insider, &name).await).1, "APPROVAL_NOT_FOUND");
    }
    assert_eq!(refusal(ada.role_bindings.create_role_binding(binding).await).1, "APPROVAL_REQUIRED");
}

#[tokio::test]
async fn t267_nobody_approves_that_others_are_given_what_they_do_not_have_themselves() {
    let (open, acme, mut owner) = with_helpdesk(&["role_bindings.create", "api_keys.create", "roles.update"]).await;
    let own = "tenants/acme/roles/helpdesk";
    let secret = owner.api_keys.create_api_key(key(&acme.name, &[own])).await.expect("created").into_inner().secret;
    let wanted = [Permission::RoleBindingsCreate, Permission::ApiKeysCreate, Permission::RolesUpdate];
    let world = open.restarted_wanting(&wanted).await;
    let (mut ada, mut helper, mut bob) = (world.within(&acme).await, world.caller(&secret), world.within(&acme).await);

    let widen = UpdateRoleRequest {
        role: Some(helpdesk(&["users.delete"])),
        update_mask: mask(&["permissions"]),
        ..Default::default()
    };
    for name in [
        metadata(&ada.role_bindings.create_role_binding(bind(&acme.name, "roles/tenant.admin")).await, "approval"),
        metadata(&ada.api_keys.create_api_key(key(&acme.name, &[])).await, "approval"),
        metadata(&ada.api_keys.create_api_key(key(&acme.name, &[own, "roles/tenant.reader"])).await, "approval"),
        metadata(&ada.roles.update_role(widen).await, "approval"),
    ] {
        let refused = (Code::PermissionDenied, "GRANT_EXCEEDS_OWN".to_owned());
        assert_eq!(refusal(approve(&mut helper, &name).await), refused, "{name}");
        approve(&mut bob, &name).await.expect("approved");
    }
    assert!(ada.role_bindings.create_role_binding(bind(&acme.name, "roles/tenant.admin")).await.is_ok());
    let theirs = metadata(&ada.role_bindings.create_role_binding(bind(&acme.name, own)).await, "approval");
    approve(&mut helper, &theirs).await.expect("they have all of it");
}

/// A role that came to hold more since is not what was approved.
#[tokio::test]
async fn t267_an_approval_is_of_what_the_role_gave_then() {
    let (open, acme, _) = with_helpdesk(&["users.get"]).await;
    let world = open.restarted_wanting(&[Permission::RoleBindingsCreate]).await;
    let (mut ada, mut bob) = (world.within(&acme).await, world.within(&acme).await);
    let binding = bind(&acme.name, "tenants/acme/roles/helpdesk");
    let name = metadata(&ada.role_bindings.create_role_binding(binding.clone()).await, "approval");
    approve(&mut bob, &name).await.expect("approved");
    let role = Some(helpdesk(&["users.get", "users.delete"]));
    let widen = UpdateRoleRequest { role, update_mask: mask(&["permissions"]), ..Default::default() };
    ada.roles.update_role(widen).await.expect("widened");
    assert_ne!(metadata(&ada.role_bindings.create_role_binding(binding).await, "approval"), name);
}

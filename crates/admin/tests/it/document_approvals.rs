//! Documents are no way around a second caller's approval.

use chancery_domain::{permission::Permission, role::BuiltInRole};
use chancery_proto::v1::{
    ApplyTenantDocumentRequest, Approval, ApproveApprovalRequest, ExportTenantDocumentRequest, GetApprovalRequest,
    RejectApprovalRequest, Scope, TenantDocument, TenantDocumentPlan, approval::State,
};
use tonic::{Code, Status};

use crate::{
    documents::{apply, document},
    roles::within,
    world::{Caller, World, metadata, refusal},
};

async fn export(caller: &mut Caller) -> TenantDocument {
    let request = ExportTenantDocumentRequest { name: "tenants/acme".into() };
    caller.documents.export_tenant_document(request).await.expect("exported").into_inner()
}

async fn approve(caller: &mut Caller, name: &str) -> Result<Approval, Status> {
    let request = ApproveApprovalRequest { name: name.to_owned(), ..Default::default() };
    caller.approvals.approve_approval(request).await.map(tonic::Response::into_inner)
}

async fn get(caller: &mut Caller, name: &str) -> Approval {
    let request = GetApprovalRequest { name: name.to_owned() };
    caller.approvals.get_approval(request).await.expect("got").into_inner()
}

/// The approvals that a refused apply names.
fn lacking(refused: Result<TenantDocumentPlan, Status>) -> Vec<String> {
    let names = metadata(&refused, "approvals").split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(metadata(&refused, "approval"), names[0]);
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "APPROVAL_REQUIRED".to_owned()));
    names
}

/// A deployment in which nobody removes clients or adds scopes alone, with the usual document applied.
async fn guarded() -> (World, Caller, Caller) {
    let open = World::new().await;
    apply(&mut open.operator().await, &document()).await.expect("applied");
    let world = open.restarted_wanting(&[Permission::ClientsDelete, Permission::ScopesCreate]).await;
    let (ada, bob) = (world.operator().await, world.operator().await);
    (world, ada, bob)
}

fn without_batch() -> TenantDocument {
    let mut less = document();
    less.clients.retain(|client| !client.name.ends_with("/batch"));
    less
}

#[tokio::test]
async fn what_nobody_does_alone_nobody_does_by_a_document_alone() {
    let (world, mut ada, mut bob) = Box::pin(guarded()).await;
    let before = export(&mut ada).await;
    let trial = ApplyTenantDocumentRequest {
        tenant_document: Some(without_batch()),
        prune: true,
        validate_only: true,
        ..Default::default()
    };
    ada.documents.apply_tenant_document(trial).await.expect("a trial needs nobody");
    let names = lacking(apply(&mut ada, &without_batch()).await);
    assert_eq!((names.len(), export(&mut ada).await), (1, before), "nothing was done");
    assert_eq!(lacking(apply(&mut ada, &without_batch()).await), names, "it waits still");
    let seen = get(&mut bob, &names[0]).await;
    assert_eq!((seen.permission.as_str(), seen.tenant.as_str()), ("clients.delete", "tenants/acme"));
    assert_eq!(seen.request, "delete tenants/acme/clients/batch\n");
    assert_eq!(refusal(approve(&mut ada, &names[0]).await).1, "APPROVAL_OWN");
    let mut auditor = world.with_role(within_acme(&mut ada).await, BuiltInRole::TenantAuditor).await;
    assert_eq!(refusal(approve(&mut auditor, &names[0]).await).1, "APPROVAL_NOT_FOUND", "who could not do it");
    approve(&mut bob, &names[0]).await.expect("approved");

    apply(&mut ada, &without_batch()).await.expect("applied");
    assert_eq!(get(&mut bob, &names[0]).await.state(), State::Spent);
    assert_eq!(export(&mut ada).await.clients.len(), 1);
    // Once only: the client again, and gone again.
    apply(&mut ada, &document()).await.expect("making one needs nobody");
    assert_ne!(lacking(apply(&mut ada, &without_batch()).await), names);
}

async fn within_acme(caller: &mut Caller) -> chancery_domain::admin_key::AdminReach {
    let request = chancery_proto::v1::GetTenantRequest { name: "tenants/acme".into() };
    within(&caller.tenants.get_tenant(request).await.expect("got").into_inner())
}

#[tokio::test]
async fn an_approval_is_of_what_it_showed() {
    let (_world, mut ada, mut bob) = Box::pin(guarded()).await;
    let names = lacking(apply(&mut ada, &without_batch()).await);
    approve(&mut bob, &names[0]).await.expect("approved");
    // What else the same document would remove by now, nobody has seen.
    let mut more = document();
    let twin = chancery_proto::v1::Client { name: "tenants/acme/clients/twin".into(), ..more.clients[1].clone() };
    more.clients.push(twin);
    apply(&mut ada, &more).await.expect("applied");
    let other = lacking(apply(&mut ada, &without_batch()).await);
    assert_ne!(other, names);
    assert_eq!(get(&mut bob, &other[0]).await.request.lines().count(), 2);
    assert_eq!(get(&mut bob, &names[0]).await.state(), State::Approved, "nothing was spent");
    // Nor is it of another document, or another caller's.
    let mut renamed = without_batch();
    renamed.tenant.as_mut().expect("a tenant").display_name = "Other".into();
    assert_ne!(lacking(apply(&mut ada, &renamed).await), names);
    assert_ne!(lacking(apply(&mut bob, &without_batch()).await), names);
    let reject = RejectApprovalRequest { name: other[0].clone(), ..Default::default() };
    bob.approvals.reject_approval(reject).await.expect("rejected");
    assert_eq!(refusal(apply(&mut ada, &without_batch()).await).1, "APPROVAL_STATE");
}

#[tokio::test]
async fn each_permission_has_its_approval_and_none_is_spent_before_all_are_there() {
    let (_world, mut ada, mut bob) = Box::pin(guarded()).await;
    let mut wanted = without_batch();
    wanted.scopes.push(Scope { name: "tenants/acme/scopes/more".into(), value: "more".into(), ..Default::default() });
    let names = lacking(apply(&mut ada, &wanted).await);
    let mut told = Vec::new();
    for name in &names {
        told.push(get(&mut bob, name).await.permission);
    }
    assert_eq!(told, ["clients.delete", "scopes.create"]);
    approve(&mut bob, &names[0]).await.expect("approved");
    assert_eq!(lacking(apply(&mut ada, &wanted).await), names[1..]);
    assert_eq!(get(&mut bob, &names[0]).await.state(), State::Approved);
    let shown = get(&mut bob, &names[1]).await.request;
    assert_eq!(shown, "create tenants/acme/scopes/more\n  value: \"more\"\n");
    approve(&mut bob, &names[1]).await.expect("approved");
    apply(&mut ada, &wanted).await.expect("applied");
    for name in &names {
        assert_eq!(get(&mut bob, name).await.state(), State::Spent);
    }
}

#[tokio::test]
async fn a_new_tenant_is_no_exception_and_a_repeated_answer_is() {
    let world = World::with_second_approver(&[Permission::TenantsCreate]).await;
    let (mut ada, mut bob) = (world.operator().await, world.operator().await);
    let names = lacking(apply(&mut ada, &document()).await);
    assert_eq!(get(&mut bob, &names[0]).await.tenant, "", "it is the platform's");
    approve(&mut bob, &names[0]).await.expect("approved");
    let request = ApplyTenantDocumentRequest {
        tenant_document: Some(document()),
        prune: true,
        allow_missing: true,
        request_id: "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11".into(),
        ..Default::default()
    };
    let first = ada.documents.apply_tenant_document(request.clone()).await.expect("applied").into_inner();
    let again = ada.documents.apply_tenant_document(request).await.expect("answered").into_inner();
    assert_eq!((first, get(&mut bob, &names[0]).await.state()), (again, State::Spent));
}

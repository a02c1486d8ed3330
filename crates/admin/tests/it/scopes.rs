//! Scopes of a tenant's own, and those that every tenant has.

use chancery_proto::v1::{CreateScopeRequest, DeleteScopeRequest, GetScopeRequest, Scope, UpdateScopeRequest};
use tonic::Code;

use crate::world::{World, refusal};

fn create(id: &str, value: &str) -> CreateScopeRequest {
    let scope =
        Scope { value: value.into(), description: "See".into(), claims: vec!["name".into()], ..Default::default() };
    CreateScopeRequest { parent: "tenants/acme".into(), scope_id: id.into(), scope: Some(scope), ..Default::default() }
}

#[tokio::test]
async fn a_scope_is_created_changed_and_deleted() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made = operator.scopes.create_scope(create("read", "api:read")).await.expect("created").into_inner();
    assert_eq!((made.name.as_str(), made.built_in), ("tenants/acme/scopes/read", false));
    let sent = Scope { name: made.name.clone(), claims: vec!["email".into()], ..Default::default() };
    let request = UpdateScopeRequest { scope: Some(sent.clone()), update_mask: None, ..Default::default() };
    let updated = operator.scopes.update_scope(request).await.expect("updated").into_inner();
    assert_eq!((updated.description.as_str(), updated.claims.as_slice()), ("See", &["email".to_owned()][..]));
    let other = UpdateScopeRequest {
        scope: Some(Scope { value: "x".into(), ..sent }),
        update_mask: None,
        ..Default::default()
    };
    assert_eq!(refusal(operator.scopes.update_scope(other).await).1, "FIELD_INVALID");
    let delete = || DeleteScopeRequest { name: made.name.clone(), ..Default::default() };
    assert!(operator.scopes.delete_scope(delete()).await.is_ok());
    assert_eq!(refusal(operator.scopes.delete_scope(delete()).await), (Code::NotFound, "SCOPE_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn values_and_ids_are_one_of_a_kind() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    assert!(operator.scopes.create_scope(create("read", "api:read")).await.is_ok());
    for (id, value) in [("read", "x"), ("other", "api:read"), ("openid", "x"), ("mine", "openid")] {
        let refused = refusal(operator.scopes.create_scope(create(id, value)).await);
        assert_eq!(refused, (Code::AlreadyExists, "SCOPE_EXISTS".to_owned()), "{id} {value}");
    }
    for (id, value) in [("", "x"), ("Read", "x"), ("good", ""), ("good", "a b")] {
        assert_eq!(refusal(operator.scopes.create_scope(create(id, value)).await).1, "FIELD_INVALID", "{id} {value}");
    }
}

#[tokio::test]
async fn a_built_in_scope_stays_as_it_is() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let name = || "tenants/acme/scopes/offline_access".to_owned();
    let got = operator.scopes.get_scope(GetScopeRequest { name: name() }).await.expect("got").into_inner();
    assert!(got.built_in);
    let delete = DeleteScopeRequest { name: name(), ..Default::default() };
    let refused = refusal(operator.scopes.delete_scope(delete).await);
    assert_eq!(refused, (Code::FailedPrecondition, "SCOPE_BUILT_IN".to_owned()));
    let scope = Scope { name: name(), description: "x".into(), ..Default::default() };
    let update = UpdateScopeRequest { scope: Some(scope), update_mask: None, ..Default::default() };
    assert_eq!(refusal(operator.scopes.update_scope(update).await).1, "SCOPE_BUILT_IN");
}

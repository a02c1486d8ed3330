//! Resources: the APIs that a tenant's tokens are for.

use std::time::Duration;

use chancery_domain::{audit::Action, change::Noun, key::Key, ports::store::Store};
use chancery_proto::v1::{
    CreateResourceRequest, CreateScopeRequest, DeleteResourceRequest, DeleteScopeRequest, GetResourceRequest,
    KeyPolicy, ListResourcesRequest, Resource, Scope, Tenant, TenantSettings, UpdateKeyPolicyRequest,
    UpdateResourceRequest, UpdateTenantRequest,
};
use tonic::Code;

use crate::world::{Caller, World, mask, metadata, refusal, seconds};

/// A tenant with the scopes `a:1` and `a:2`.
async fn acme(world: &World) -> (Tenant, Caller) {
    let tenant = world.tenant("acme").await;
    let mut operator = world.operator().await;
    for (id, value) in [("a-one", "a:1"), ("a-two", "a:2")] {
        let scope = Some(Scope { value: value.into(), ..Default::default() });
        let parent = tenant.name.clone();
        let request = CreateScopeRequest { parent, scope_id: id.into(), scope, ..Default::default() };
        operator.scopes.create_scope(request).await.expect("created");
    }
    (tenant, operator)
}

fn create(id: &str, resource: Resource) -> CreateResourceRequest {
    let (parent, resource_id) = ("tenants/acme".to_owned(), id.to_owned());
    CreateResourceRequest { parent, resource_id, resource: Some(resource), ..Default::default() }
}

fn orders() -> Resource {
    let (identifier, scopes) = ("https://orders.example".to_owned(), vec!["a:1".to_owned()]);
    Resource { identifier, scopes, ..Default::default() }
}

#[tokio::test]
async fn a_resource_is_created_changed_listed_and_deleted() {
    let world = World::new().await;
    let (tenant, mut operator) = acme(&world).await;
    let made = operator.resources.create_resource(create("orders", orders())).await.expect("created").into_inner();
    assert_eq!((made.name.as_str(), made.display_name.as_str()), ("tenants/acme/resources/orders", "orders"));
    assert_eq!((made.scopes.as_slice(), made.access_token_ttl), (&["a:1".to_owned()][..], None));

    let sent = Resource {
        name: made.name.clone(),
        etag: made.etag.clone(),
        scopes: vec!["a:2".into(), "a:1".into()],
        access_token_ttl: seconds(900),
        signing_algorithm: "ES256".into(),
        ..Default::default()
    };
    let request = UpdateResourceRequest { resource: Some(sent.clone()), update_mask: None, ..Default::default() };
    let updated = operator.resources.update_resource(request.clone()).await.expect("updated").into_inner();
    assert_eq!((updated.scopes.len(), updated.access_token_ttl), (2, seconds(900)));
    let stale = refusal(operator.resources.update_resource(request).await);
    assert_eq!(stale, (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    let got = GetResourceRequest { name: made.name.clone() };
    assert_eq!(operator.resources.get_resource(got).await.expect("got").into_inner(), updated);

    let renamed = Resource { identifier: "urn:other".into(), etag: String::new(), ..sent.clone() };
    let request = UpdateResourceRequest { resource: Some(renamed), update_mask: None, ..Default::default() };
    assert_eq!(metadata(&operator.resources.update_resource(request).await, "field"), "resource.identifier");
    let cleared = UpdateResourceRequest {
        resource: Some(Resource { name: made.name.clone(), ..Default::default() }),
        update_mask: mask(&["access_token_ttl", "signing_algorithm", "scopes"]),
        ..Default::default()
    };
    let cleared = operator.resources.update_resource(cleared).await.expect("updated").into_inner();
    assert_eq!((cleared.scopes.len(), cleared.access_token_ttl, cleared.signing_algorithm.as_str()), (0, None, ""));

    let second = Resource { identifier: "urn:b".into(), ..Default::default() };
    operator.resources.create_resource(create("billing", second)).await.expect("created");
    let list = |page_token: &str| ListResourcesRequest {
        parent: tenant.name.clone(),
        page_size: 1,
        page_token: page_token.into(),
        ..Default::default()
    };
    let first = operator.resources.list_resources(list("")).await.expect("listed").into_inner();
    let second = operator.resources.list_resources(list(&first.next_page_token)).await.expect("listed").into_inner();
    let names: Vec<_> = first.resources.iter().chain(&second.resources).map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["tenants/acme/resources/billing", "tenants/acme/resources/orders"]);
    assert_eq!(second.next_page_token, "");

    let delete = |validate_only| DeleteResourceRequest { name: made.name.clone(), validate_only, ..Default::default() };
    assert!(operator.resources.delete_resource(delete(true)).await.is_ok());
    assert!(operator.resources.delete_resource(delete(false)).await.is_ok());
    let gone = refusal(operator.resources.delete_resource(delete(false)).await);
    assert_eq!(gone, (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned()));
    let ours = world.store.audit().into_iter().filter(|event| matches!(&event.object, Some((Noun::Resource, _))));
    let actions: Vec<_> = ours.map(|event| event.action).collect();
    assert_eq!(actions, [Action::Created, Action::Updated, Action::Updated, Action::Created, Action::Deleted]);
}

#[tokio::test]
async fn a_resource_is_one_of_a_kind_and_names_what_there_is() {
    let world = World::new().await;
    let (_, mut operator) = acme(&world).await;
    operator.resources.create_resource(create("orders", orders())).await.expect("created");
    let bare = Resource { scopes: Vec::new(), ..orders() };
    for (id, resource) in [("orders", Resource { identifier: "urn:x".into(), ..bare.clone() }), ("other", bare.clone())]
    {
        let taken = refusal(operator.resources.create_resource(create(id, resource)).await);
        assert_eq!(taken, (Code::AlreadyExists, "RESOURCE_EXISTS".to_owned()), "{id}");
    }
    let other = || Resource { identifier: "urn:other".into(), ..bare.clone() };
    for (field, resource) in [
        ("resource.identifier", Resource { identifier: "orders".into(), ..other() }),
        ("resource.identifier", Resource { identifier: "https://x.example#a".into(), ..other() }),
        ("resource.identifier", Resource { identifier: "https://id.example/t/acme".into(), ..other() }),
        ("resource.scopes[0]", Resource { scopes: vec!["a:1".into()], ..other() }),
        ("resource.scopes[0]", Resource { scopes: vec!["nothing".into()], ..other() }),
        ("resource.scopes[0]", Resource { scopes: vec!["openid".into()], ..other() }),
        ("resource.access_token_ttl", Resource { access_token_ttl: seconds(0), ..other() }),
        ("resource.access_token_ttl", Resource { access_token_ttl: seconds(86_401), ..other() }),
        ("resource.signing_algorithm", Resource { signing_algorithm: "RS256".into(), ..other() }),
        ("resource.signing_algorithm", Resource { signing_algorithm: "HS256".into(), ..other() }),
    ] {
        let refused = operator.resources.create_resource(create("other", resource.clone())).await;
        assert_eq!(metadata(&refused, "field"), field, "{resource:?}");
    }
    assert_eq!(refusal(operator.resources.create_resource(create("X", other())).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn t274_a_repeated_creation_is_carried_out_once() {
    let world = World::new().await;
    let (_, mut operator) = acme(&world).await;
    let request_id = "018f0000-0000-7000-8000-000000000001".to_owned();
    let request = CreateResourceRequest { request_id, ..create("orders", orders()) };
    let first = operator.resources.create_resource(request.clone()).await.expect("created").into_inner();
    let again = operator.resources.create_resource(request).await.expect("answered").into_inner();
    assert_eq!(first, again);
}

#[tokio::test]
async fn a_scope_stays_while_it_belongs_to_a_resource() {
    let world = World::new().await;
    let (_, mut operator) = acme(&world).await;
    let made = operator.resources.create_resource(create("orders", orders())).await.expect("created").into_inner();
    let delete = || DeleteScopeRequest { name: "tenants/acme/scopes/a-one".into(), ..Default::default() };
    let refused = operator.scopes.delete_scope(delete()).await;
    assert_eq!(metadata(&refused, "resource"), made.name);
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "SCOPE_IN_USE".to_owned()));
    let request = DeleteResourceRequest { name: made.name, ..Default::default() };
    operator.resources.delete_resource(request).await.expect("deleted");
    assert!(operator.scopes.delete_scope(delete()).await.is_ok());
}

#[tokio::test]
async fn keys_promise_the_longest_life_before_the_first_token_has_it() {
    let world = World::new().await;
    let (tenant, mut operator) = acme(&world).await;
    let id = tenant.uid.parse().expect("a uid");
    let promised = async |world: &World| {
        let life = world.store.read(id).keys().policy().await.expect("read").token_life;
        let active = world.store.keys(id).into_iter().find(Key::is_active).expect("a key");
        assert_eq!(active.promise.life, life);
        life
    };
    assert_eq!(promised(&world).await, Duration::from_secs(600));
    let long = Resource { access_token_ttl: seconds(7200), ..orders() };
    let made = operator.resources.create_resource(create("orders", long)).await.expect("created").into_inner();
    assert_eq!(promised(&world).await, Duration::from_secs(7200));

    // The tenant's settings may grow shorter; what the resource needs stays promised.
    let settings = TenantSettings { access_token_ttl: seconds(300), id_token_ttl: seconds(300), ..Default::default() };
    let update = |settings| UpdateTenantRequest {
        tenant: Some(Tenant { name: tenant.name.clone(), settings: Some(settings), ..Default::default() }),
        ..Default::default()
    };
    operator.tenants.update_tenant(update(settings)).await.expect("updated");
    assert_eq!(promised(&world).await, Duration::from_secs(7200));

    // Nor can the policy promise less than that, or give up what a resource is signed with.
    let policy = |policy: KeyPolicy| UpdateKeyPolicyRequest {
        key_policy: Some(KeyPolicy { name: "tenants/acme/keyPolicy".into(), ..policy }),
        ..Default::default()
    };
    let shorter = policy(KeyPolicy { longest_token_life: seconds(3600), ..Default::default() });
    let refused = operator.keys.update_key_policy(shorter.clone()).await;
    assert_eq!(metadata(&refused, "field"), "key_policy.longest_token_life");
    let signed = Resource { name: made.name.clone(), signing_algorithm: "ES256".into(), ..Default::default() };
    let request = UpdateResourceRequest { resource: Some(signed), update_mask: None, ..Default::default() };
    operator.resources.update_resource(request).await.expect("updated");
    let other = policy(KeyPolicy { algorithms: vec!["ES384".into()], ..Default::default() });
    let refused = operator.keys.update_key_policy(other).await;
    assert_eq!(metadata(&refused, "field"), "key_policy.algorithms");
    assert_eq!(metadata(&refused, "resource"), "orders");

    operator
        .resources
        .delete_resource(DeleteResourceRequest { name: made.name, ..Default::default() })
        .await
        .expect("gone");
    operator.keys.update_key_policy(shorter).await.expect("updated");
    let settings = TenantSettings { access_token_ttl: seconds(60), ..Default::default() };
    operator.tenants.update_tenant(update(settings)).await.expect("updated");
    assert_eq!(promised(&world).await, Duration::from_secs(300));
}

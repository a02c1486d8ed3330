//! What documents hold beside scopes and clients: resources and claim mappings.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{
    ClaimMapping, KeyPolicy, Resource, Scope, TenantDocument, TenantDocumentPlan, claim_mapping::Target,
    tenant_document_change::Kind as Done,
};
use prost_types::{Struct, Value, value::Kind as Json};
use tonic::Code;

use crate::{
    documents::{apply, document, export, plan, short},
    world::{World, metadata, refusal, seconds},
};

/// The usual one with an API, a second that holds nothing yet, and a claim for one client.
fn full() -> TenantDocument {
    let api = Resource {
        name: "tenants/acme/resources/reports".into(),
        identifier: "https://reports.example".into(),
        scopes: vec!["reports.read".into()],
        access_token_ttl: seconds(120),
        ..Default::default()
    };
    let mirror = Resource {
        name: "tenants/acme/resources/mirror".into(),
        identifier: "https://mirror.example".into(),
        ..Default::default()
    };
    let mapping = ClaimMapping {
        name: "tenants/acme/claimMappings/country".into(),
        claim: "https://acme.example/country".into(),
        user_claim: "/address/country".into(),
        targets: vec![Target::AccessToken.into()],
        scope: "reports.read".into(),
        client: "tenants/acme/clients/web".into(),
        ..Default::default()
    };
    TenantDocument { resources: vec![api, mirror], claim_mappings: vec![mapping], ..document() }
}

#[tokio::test]
async fn resources_and_claim_mappings_come_and_go_with_a_document() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let made = apply(&mut operator, &full()).await.expect("applied");
    let told = short(&made.changes);
    let resource = (Done::Create, "tenants/acme/resources/reports");
    let mapping = (Done::Create, "tenants/acme/claimMappings/country");
    assert!(told.contains(&resource) && told.contains(&mapping), "{told:?}");
    assert_eq!(short(&plan(&mut operator, &full()).await.expect("planned").changes), []);

    apply(&mut operator, &document()).await.expect("pruned");
    assert_eq!(short(&plan(&mut operator, &document()).await.expect("planned").changes), []);
    let events = world.store.audit();
    let deleted = |noun| {
        let about = |object: &Option<(Noun, String)>| object.as_ref().is_some_and(|(of, _)| *of == noun);
        events.iter().filter(|event| event.action == Action::Deleted && about(&event.object)).count()
    };
    assert_eq!((deleted(Noun::Resource), deleted(Noun::ClaimMapping)), (2, 1));
}

#[tokio::test]
async fn a_scope_moves_from_one_resource_to_another_and_goes() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &full()).await.expect("applied");
    let mut moved = full();
    moved.resources[1].scopes = std::mem::take(&mut moved.resources[0].scopes);
    apply(&mut operator, &moved).await.expect("moved");
    assert_eq!(short(&plan(&mut operator, &moved).await.expect("planned").changes), []);

    // The scope goes with everything that named it.
    let mut gone = moved;
    gone.resources[1].scopes.clear();
    gone.claim_mappings[0].scope.clear();
    gone.scopes = vec![Scope { name: "tenants/acme/scopes/other".into(), value: "other".into(), ..Default::default() }];
    gone.clients[0].scopes = vec!["openid".into()];
    apply(&mut operator, &gone).await.expect("gone");
    assert_eq!(short(&plan(&mut operator, &gone).await.expect("planned").changes), []);
}

#[tokio::test]
async fn a_claim_outlives_the_client_that_it_was_for() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &full()).await.expect("applied");
    let mut bereft = full();
    bereft.clients.remove(0);
    let refused = plan(&mut operator, &bereft).await;
    assert_eq!(metadata(&refused, "field"), "tenant_document.claim_mappings[0].client");

    // For another, which comes with the same document; then for all.
    let mut moved = full();
    moved.clients[0].name = "tenants/acme/clients/other".into();
    moved.claim_mappings[0].client = "tenants/acme/clients/other".into();
    let mut freed = moved.clone();
    freed.clients.remove(0);
    freed.claim_mappings[0].client.clear();
    for document in [moved, freed] {
        let planned = plan(&mut operator, &document).await.expect("planned");
        let told = short(&planned.changes);
        let (gone, kept) = ("tenants/acme/clients/", "tenants/acme/claimMappings/country");
        assert!(told.iter().any(|(done, name)| *done == Done::Delete && name.starts_with(gone)), "{told:?}");
        assert!(told.contains(&(Done::Update, kept)), "{told:?}");
        apply(&mut operator, &document).await.expect("applied");
        assert_eq!(export(&mut operator).await.claim_mappings, document.claim_mappings);
        assert_eq!(short(&plan(&mut operator, &document).await.expect("planned").changes), []);
    }
}

#[tokio::test]
async fn a_scope_changes_its_name_while_no_resource_has_it() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &full()).await.expect("applied");
    let renamed = |document: TenantDocument| {
        let scope = Scope { name: "tenants/acme/scopes/renamed".into(), ..document.scopes[0].clone() };
        TenantDocument { scopes: vec![scope], ..document }
    };
    for refused in [plan(&mut operator, &renamed(full())).await, apply(&mut operator, &renamed(full())).await] {
        assert_eq!(metadata(&refused, "resource"), "tenants/acme/resources/reports");
        assert_eq!(refusal(refused), (Code::FailedPrecondition, "SCOPE_IN_USE".to_owned()));
    }

    // What passes to another resource is held by none in between.
    let mut passed = full();
    passed.resources[1].scopes = std::mem::take(&mut passed.resources[0].scopes);
    let passed = renamed(passed);
    apply(&mut operator, &passed).await.expect("applied");
    assert_eq!(short(&plan(&mut operator, &passed).await.expect("planned").changes), []);
}

#[tokio::test]
async fn a_constant_is_told_as_what_it_is() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let constant = |kind| {
        let mut document = full();
        document.claim_mappings[0].user_claim.clear();
        document.claim_mappings[0].constant = Some(Value { kind: Some(kind) });
        document
    };
    let told = |plan: TenantDocumentPlan| {
        let fields = plan.changes.into_iter().flat_map(|change| change.fields);
        let told = fields.filter(|field| field.path == "constant").map(|field| (field.before, field.after));
        told.map(|(before, after)| (before.and_then(|it| it.kind), after.and_then(|it| it.kind))).collect::<Vec<_>>()
    };
    // A claim that says no says something.
    let no = Json::BoolValue(false);
    let made = apply(&mut operator, &constant(no.clone())).await.expect("applied");
    assert_eq!(told(made), [(Some(Json::NullValue(0)), Some(no.clone()))]);

    let union = Value { kind: Some(Json::StringValue("EU".into())) };
    let union = Json::StructValue(Struct { fields: [("union".to_owned(), union)].into() });
    let planned = plan(&mut operator, &constant(union.clone())).await.expect("planned");
    assert_eq!(told(planned), [(Some(no), Some(union))]);
}

#[tokio::test]
async fn what_does_not_go_together_is_told_by_its_place() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let mut twice = full();
    twice.resources[1].scopes = twice.resources[0].scopes.clone();
    let mut unknown = full();
    unknown.scopes.clear();
    unknown.clients.clear();
    unknown.claim_mappings.clear();
    let mut nobody = full();
    nobody.claim_mappings[0].client = "tenants/acme/clients/nobody".into();
    let mut short_lived = full();
    short_lived.key_policy = Some(KeyPolicy { longest_token_life: seconds(60), ..Default::default() });
    for (document, field) in [
        (twice, "tenant_document.resources[0].scopes[0]"),
        (unknown, "tenant_document.resources[0].scopes[0]"),
        (nobody, "tenant_document.claim_mappings[0].client"),
    ] {
        let refused = apply(&mut operator, &document).await;
        assert_eq!(metadata(&refused, "field"), field);
        assert_eq!(refusal(refused).0, Code::InvalidArgument);
    }
    assert_eq!(refusal(apply(&mut operator, &short_lived).await).0, Code::InvalidArgument);
}

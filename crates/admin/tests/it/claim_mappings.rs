//! Claim mappings: what a tenant's tokens and UserInfo say beyond the usual.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{
    ClaimMapping, CreateClaimMappingRequest, DeleteClaimMappingRequest, DeleteClientRequest, GetClaimMappingRequest,
    ListClaimMappingsRequest, UpdateClaimMappingRequest, claim_mapping::Target,
};
use prost_types::{ListValue, Struct, Value, value::Kind};
use tonic::Code;

use crate::{
    clients::{create as create_client, service},
    world::{World, mask, metadata, refusal},
};

fn create(id: &str, mapping: ClaimMapping) -> CreateClaimMappingRequest {
    let (parent, claim_mapping_id) = ("tenants/acme".to_owned(), id.to_owned());
    CreateClaimMappingRequest { parent, claim_mapping_id, claim_mapping: Some(mapping), ..Default::default() }
}

fn unit() -> ClaimMapping {
    let targets = vec![Target::IdToken.into(), Target::AccessToken.into()];
    ClaimMapping { claim: "unit".into(), user_claim: "/department/name".into(), targets, ..Default::default() }
}

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn value(kind: Kind) -> Option<Value> {
    Some(Value { kind: Some(kind) })
}

#[tokio::test]
async fn a_claim_mapping_is_created_changed_listed_and_deleted() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made =
        operator.claim_mappings.create_claim_mapping(create("unit", unit())).await.expect("created").into_inner();
    assert_eq!((made.name.as_str(), made.targets.len()), ("tenants/acme/claimMappings/unit", 2));
    let got = GetClaimMappingRequest { name: made.name.clone() };
    assert_eq!(operator.claim_mappings.get_claim_mapping(got).await.expect("got").into_inner(), made);

    // A constant takes the place of the user's claim, and says so in the mask.
    let list = Kind::ListValue(ListValue { values: vec![Value { kind: Some(Kind::NumberValue(7.0)) }] });
    let constant = value(Kind::StructValue(Struct { fields: [("a".to_owned(), Value { kind: Some(list) })].into() }));
    let sent = ClaimMapping { name: made.name.clone(), constant: constant.clone(), ..Default::default() };
    let update = |sent: &ClaimMapping, paths: &[&str]| UpdateClaimMappingRequest {
        claim_mapping: Some(sent.clone()),
        update_mask: mask(paths),
        ..Default::default()
    };
    let refused = operator.claim_mappings.update_claim_mapping(update(&sent, &["constant"])).await;
    assert_eq!(metadata(&refused, "field"), "claim_mapping.constant");
    let updated = operator.claim_mappings.update_claim_mapping(update(&sent, &["constant", "user_claim"])).await;
    let updated = updated.expect("updated").into_inner();
    assert_eq!((updated.constant, updated.user_claim.as_str(), updated.claim.as_str()), (constant, "", "unit"));
    let stale = ClaimMapping { etag: made.etag, claim: "x".into(), ..sent };
    let stale = refusal(operator.claim_mappings.update_claim_mapping(update(&stale, &["claim"])).await);
    assert_eq!(stale, (Code::Aborted, "ETAG_MISMATCH".to_owned()));

    let taken = refusal(operator.claim_mappings.create_claim_mapping(create("unit", unit())).await);
    assert_eq!(taken, (Code::AlreadyExists, "CLAIM_MAPPING_EXISTS".to_owned()));
    let list = ListClaimMappingsRequest { parent: "tenants/acme".into(), ..Default::default() };
    let listed = operator.claim_mappings.list_claim_mappings(list).await.expect("listed").into_inner();
    assert_eq!((listed.claim_mappings.len(), listed.next_page_token.as_str()), (1, ""));

    let delete = || DeleteClaimMappingRequest { name: made.name.clone(), ..Default::default() };
    assert!(operator.claim_mappings.delete_claim_mapping(delete()).await.is_ok());
    let gone = refusal(operator.claim_mappings.delete_claim_mapping(delete()).await);
    assert_eq!(gone, (Code::NotFound, "CLAIM_MAPPING_NOT_FOUND".to_owned()));
    let ours = world.store.audit().into_iter().filter(|event| matches!(&event.object, Some((Noun::ClaimMapping, _))));
    let actions: Vec<_> = ours.map(|event| event.action).collect();
    assert_eq!(actions, [Action::Created, Action::Updated, Action::Deleted]);
}

#[tokio::test]
async fn a_mapping_that_could_deceive_or_does_nothing_is_refused() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let text = |text: &str| value(Kind::StringValue(text.to_owned()));
    let constant = |constant| ClaimMapping { user_claim: String::new(), constant, ..unit() };
    for (field, mapping) in [
        ("claim_mapping.claim", ClaimMapping { claim: "iss".into(), ..unit() }),
        ("claim_mapping.claim", ClaimMapping { claim: "aud".into(), ..unit() }),
        ("claim_mapping.claim", ClaimMapping { claim: String::new(), ..unit() }),
        ("claim_mapping.claim", ClaimMapping { claim: "email".into(), ..constant(text("root@example.com")) }),
        ("claim_mapping.claim", ClaimMapping { claim: "email_verified".into(), ..unit() }),
        ("claim_mapping.user_claim", ClaimMapping { user_claim: String::new(), ..unit() }),
        ("claim_mapping.user_claim", ClaimMapping { user_claim: "/".into(), ..unit() }),
        ("claim_mapping.constant", ClaimMapping { constant: text("x"), ..unit() }),
        ("claim_mapping.constant", constant(value(Kind::NullValue(0)))),
        ("claim_mapping.constant", constant(text(&"x".repeat(1025)))),
        ("claim_mapping.constant", constant(value(Kind::NumberValue(f64::INFINITY)))),
        ("claim_mapping.targets", ClaimMapping { targets: Vec::new(), ..unit() }),
        ("claim_mapping.targets[0]", ClaimMapping { targets: vec![9], ..unit() }),
        ("claim_mapping.scope", ClaimMapping { scope: "nothing".into(), ..unit() }),
        ("claim_mapping.client", ClaimMapping { client: "tenants/acme/clients/nobody".into(), ..unit() }),
        ("claim_mapping.client", ClaimMapping { client: "web".into(), ..unit() }),
    ] {
        let refused = operator.claim_mappings.create_claim_mapping(create("other", mapping.clone())).await;
        assert_eq!(metadata(&refused, "field"), field, "{mapping:?}");
    }
    let mail = ClaimMapping { claim: "email".into(), user_claim: "email".into(), ..unit() };
    assert!(operator.claim_mappings.create_claim_mapping(create("mail", mail)).await.is_ok());
}

#[tokio::test]
async fn a_mapping_for_a_client_is_for_one_of_the_tenant_and_goes_with_it() {
    let world = World::new().await;
    world.tenant("acme").await;
    world.tenant("bolt").await;
    let mut operator = world.operator().await;
    create_client(&mut operator, "web", service()).await;
    let client = "tenants/acme/clients/web".to_owned();
    let narrow = ClaimMapping { client: client.clone(), scope: "profile".into(), ..unit() };
    let foreign = CreateClaimMappingRequest { parent: "tenants/bolt".into(), ..create("unit", narrow.clone()) };
    let refused = operator.claim_mappings.create_claim_mapping(foreign).await;
    assert_eq!(metadata(&refused, "field"), "claim_mapping.client");
    let made =
        operator.claim_mappings.create_claim_mapping(create("unit", narrow)).await.expect("created").into_inner();
    assert_eq!((made.client.as_str(), made.scope.as_str()), (client.as_str(), "profile"));
    let request = DeleteClientRequest { name: client, ..Default::default() };
    operator.clients.delete_client(request).await.expect("deleted");
    let gone = refusal(operator.claim_mappings.get_claim_mapping(GetClaimMappingRequest { name: made.name }).await);
    assert_eq!(gone, (Code::NotFound, "CLAIM_MAPPING_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn a_tenant_has_a_hundred_mappings_at_most() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    for at in 0..100 {
        let request = create(&format!("unit-{at}"), unit());
        operator.claim_mappings.create_claim_mapping(request).await.expect("created");
    }
    let refused = refusal(operator.claim_mappings.create_claim_mapping(create("one-more", unit())).await);
    assert_eq!(refused, (Code::FailedPrecondition, "TOO_MANY_CLAIM_MAPPINGS".to_owned()));
}

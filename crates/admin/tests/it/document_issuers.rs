//! Trusted issuers in documents.

use chancery_domain::{admin_key::AdminReach, role::BuiltInRole};
use chancery_proto::v1::{
    CreateTrustedIssuerRequest, DriftTenantDocumentRequest, ExportTenantDocumentRequest, ListTrustedIssuersRequest,
    TenantDocument, TrustedIssuer, UpdateTrustedIssuerRequest,
    tenant_document_change::{Kind as Done, Risk},
    trusted_issuer::SubjectMapping,
};
use tonic::Code;

use crate::{
    documents::{apply, document, plan, short},
    roles::within,
    world::{Caller, World, mask, metadata, refusal},
};

/// A change of an issuer.
type Edit = fn(&mut TrustedIssuer);

const NAME: &str = "tenants/acme/trustedIssuers/idp";

/// The usual document with an issuer whose assertions the application presents.
fn full() -> TenantDocument {
    let idp = TrustedIssuer {
        name: NAME.into(),
        issuer: "https://idp.example".into(),
        jwks_uri: "https://idp.example/jwks".into(),
        algorithms: vec!["RS256".into(), "ES256".into()],
        subject_mapping: SubjectMapping::Username.into(),
        clients: vec!["web".into(), "batch".into()],
        scopes: vec!["reports.read".into()],
        ..Default::default()
    };
    TenantDocument { trusted_issuers: vec![idp], ..document() }
}

fn discovered() -> TenantDocument {
    let mut document = full();
    document.trusted_issuers[0].jwks_uri.clear();
    document.trusted_issuers[0].discover = true;
    document
}

async fn export(caller: &mut Caller) -> TenantDocument {
    let request = ExportTenantDocumentRequest { name: "tenants/acme".into() };
    caller.documents.export_tenant_document(request).await.expect("exported").into_inner()
}

/// The one change that a document brings: what is done, the fields, and what to think of.
async fn change(caller: &mut Caller, document: &TenantDocument) -> (Done, Vec<String>, Risk) {
    let mut told = plan(caller, document).await.expect("planned");
    let change = told.changes.pop().expect("a change");
    assert_eq!((told.changes.len(), change.name.as_str(), change.r#type.as_str()), (0, NAME, "TrustedIssuer"));
    assert!(!change.reason.is_empty());
    (change.kind(), change.fields.iter().map(|field| field.path.clone()).collect(), change.risk())
}

#[tokio::test]
async fn a_trusted_issuer_comes_changes_and_goes_with_a_document() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let (done, _, risk) = change(&mut operator, &full()).await;
    assert_eq!((done, risk), (Done::Create, Risk::WeakensSecurity), "somebody more can speak for people");
    apply(&mut operator, &full()).await.expect("applied");
    let exported = export(&mut operator).await;
    let issuer = &exported.trusted_issuers[0];
    assert!(issuer.etag.is_empty() && issuer.create_time.is_none() && issuer.jwks_uri == "https://idp.example/jwks");
    let mut turned = full();
    turned.trusted_issuers[0].clients.reverse();
    turned.trusted_issuers[0].algorithms.reverse();
    for same in [&exported, &full(), &turned] {
        assert_eq!(short(&plan(&mut operator, same).await.expect("planned").changes), []);
    }

    let edits: [(Edit, &str, Risk); 9] = [
        (|it| it.jwks_uri = "https://idp.example/other".into(), "jwks_uri", Risk::WeakensSecurity),
        (|it| it.algorithms = vec!["ES256".into()], "algorithms", Risk::BreaksClients),
        (|it| it.algorithms.push("PS256".into()), "algorithms", Risk::WeakensSecurity),
        (|it| it.algorithms = vec!["PS256".into()], "algorithms", Risk::WeakensSecurity),
        (|it| it.subject_mapping = SubjectMapping::UserId.into(), "subject_mapping", Risk::WeakensSecurity),
        (|it| it.subjects = vec!["ada".into()], "subjects", Risk::BreaksClients),
        (|it| drop(it.clients.pop()), "clients", Risk::BreaksClients),
        (|it| it.scopes.push("email".into()), "scopes", Risk::WeakensSecurity),
        (|it| it.disabled = true, "disabled", Risk::BreaksClients),
    ];
    for (edit, field, risk) in edits {
        let mut wanted = full();
        edit(&mut wanted.trusted_issuers[0]);
        assert_eq!(change(&mut operator, &wanted).await, (Done::Update, vec![field.to_owned()], risk), "{field}");
    }
    let mut narrow = full();
    narrow.trusted_issuers[0].subjects = vec!["ada".into()];
    apply(&mut operator, &narrow).await.expect("applied");
    assert_eq!(change(&mut operator, &full()).await.2, Risk::WeakensSecurity, "of everybody again");
    let mut renamed = full();
    renamed.trusted_issuers[0].issuer = "https://other.example".into();
    let refused = apply(&mut operator, &renamed).await;
    assert_eq!(metadata(&refused, "field"), "tenant_document.trusted_issuers[0].issuer");

    let hand = TrustedIssuer { name: NAME.into(), disabled: true, ..Default::default() };
    let hand = UpdateTrustedIssuerRequest {
        trusted_issuer: Some(hand),
        update_mask: mask(&["disabled"]),
        validate_only: false,
    };
    operator.trusted_issuers.update_trusted_issuer(hand).await.expect("updated");
    let drift = DriftTenantDocumentRequest { name: "tenants/acme".into() };
    let drift = operator.documents.drift_tenant_document(drift).await.expect("told").into_inner();
    assert_eq!(short(&drift.changes), [(Done::Update, NAME)]);
    assert_eq!(change(&mut operator, &document()).await, (Done::Delete, vec![], Risk::BreaksClients));
    apply(&mut operator, &document()).await.expect("pruned");
    assert_eq!(export(&mut operator).await.trusted_issuers, []);
}

#[tokio::test]
async fn what_an_issuer_names_is_there_with_the_document() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let mut nobody = full();
    nobody.trusted_issuers[0].clients.push("nobody".into());
    let refused = apply(&mut operator, &nobody).await;
    assert_eq!(metadata(&refused, "field"), "tenant_document.trusted_issuers[0].clients[2]");
    assert_eq!(refusal(refused), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    apply(&mut operator, &full()).await.expect("applied");
    let refused = apply(&mut operator, &nobody).await;
    assert_eq!(metadata(&refused, "field"), "tenant_document.trusted_issuers[0].clients[2]", "nor later");

    // A client goes with everything that names it, or not at all.
    let mut less = full();
    less.clients.retain(|client| !client.name.ends_with("/batch"));
    let refused = apply(&mut operator, &less).await;
    assert_eq!(metadata(&refused, "field"), "tenant_document.trusted_issuers[0].clients[1]");
    less.trusted_issuers[0].clients.pop();
    apply(&mut operator, &less).await.expect("gone together");

    // By itself an issuer may name clients before they are there, and what is exported is what can be applied.
    let early = TrustedIssuer {
        issuer: "urn:early".into(),
        jwks_uri: "https://early.example/jwks".into(),
        clients: vec!["coming".into()],
        name: String::new(),
        ..full().trusted_issuers.remove(0)
    };
    let create = CreateTrustedIssuerRequest {
        parent: "tenants/acme".into(),
        trusted_issuer_id: "early".into(),
        trusted_issuer: Some(early),
        ..Default::default()
    };
    operator.trusted_issuers.create_trusted_issuer(create).await.expect("created");
    let mut exported = export(&mut operator).await;
    assert_eq!(short(&plan(&mut operator, &exported).await.expect("planned").changes), []);
    let early = exported.trusted_issuers.iter_mut().find(|issuer| issuer.issuer == "urn:early").expect("exported");
    early.disabled = true;
    apply(&mut operator, &exported).await.expect("what was named before may stay");
    let twin = TrustedIssuer { name: "tenants/acme/trustedIssuers/twin".into(), ..exported.trusted_issuers[1].clone() };
    exported.trusted_issuers.push(twin);
    exported.etag.clear();
    assert_eq!(refusal(apply(&mut operator, &exported).await).1, "TRUSTED_ISSUER_EXISTS");
}

#[tokio::test]
async fn t159_a_document_trusts_nobody_whose_metadata_are_not_theirs() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let before = export(&mut operator).await;
    for (issuer, code, reason) in [
        ("https://idp.example/", Code::InvalidArgument, "ISSUER_METADATA_MISMATCH"),
        ("", Code::FailedPrecondition, "ISSUER_METADATA_UNFIT"),
    ] {
        let metadata_of = format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://idp.example/jwks"}}"#);
        let published = if issuer.is_empty() { "[]" } else { &metadata_of };
        world.web.publish("https://idp.example/.well-known/openid-configuration", published);
        let planned = plan(&mut operator, &discovered()).await;
        let applied = apply(&mut operator, &discovered()).await;
        for refused in [planned, applied] {
            assert_eq!(metadata(&refused, "field"), "tenant_document.trusted_issuers[0].issuer");
            assert_eq!(refusal(refused), (code, reason.to_owned()));
        }
    }
    assert_eq!(export(&mut operator).await, before);

    let good = r#"{"issuer":"https://idp.example","jwks_uri":"https://keys.example/jwks"}"#;
    world.web.publish("https://idp.example/.well-known/openid-configuration", good);
    apply(&mut operator, &discovered()).await.expect("applied");
    assert!(export(&mut operator).await.trusted_issuers[0].discover);
    let asked = world.web.fetched().len();
    let mut disabled = discovered();
    disabled.trusted_issuers[0].disabled = true;
    apply(&mut operator, &disabled).await.expect("applied");
    let list = ListTrustedIssuersRequest { parent: "tenants/acme".into(), ..Default::default() };
    assert!(
        operator.trusted_issuers.list_trusted_issuers(list).await.expect("listed").into_inner().trusted_issuers[0]
            .disabled
    );
    assert_eq!(world.web.fetched().len(), asked, "who is believed is not asked with every change");
}

#[tokio::test]
async fn who_only_reads_has_nobody_called() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut reader = world.with_role(within(&acme), BuiltInRole::TenantReader).await;
    let mut document = discovered();
    let tenant = document.tenant.as_mut().expect("a tenant");
    tenant.profile = acme.profile;
    let told = plan(&mut reader, &document).await.expect("planned");
    assert!(short(&told.changes).contains(&(Done::Create, NAME)));
    assert_eq!(world.web.fetched(), Vec::<String>::new(), "a plan sends nobody anywhere");
    assert_eq!(refusal(apply(&mut reader, &document).await).0, Code::PermissionDenied);
    let mut operator = world.with_role(AdminReach::Platform, BuiltInRole::PlatformOperator).await;
    assert_eq!(refusal(plan(&mut operator, &document).await).1, "ISSUER_METADATA_UNFIT");
    assert_eq!(world.web.fetched().len(), 2, "both places");
}

//! A tenant as one document: exported, planned, applied, and watched for drift.

use chancery_domain::{audit::Action, change::Noun, time::Clock};
use chancery_proto::v1::{
    ApplyTenantDocumentRequest, Client, DeleteClientRequest, DriftTenantDocumentRequest, ExportTenantDocumentRequest,
    GenerateClientSecretRequest, GetKeyPolicyRequest, KeyPolicy, PlanTenantDocumentRequest, Scope, Tenant,
    TenantDocument, TenantDocumentChange, TenantDocumentPlan, TenantSettings, UpdateTenantRequest,
    client::{AuthMethod, GrantType, Kind},
    tenant_document_change::{Kind as Done, Risk},
};
use tonic::{Code, Status};

use crate::{
    clients::service,
    world::{Caller, World, mask, metadata, refusal, seconds},
};

/// A tenant with a scope and two clients.
pub(crate) fn document() -> TenantDocument {
    let web = Client {
        name: "tenants/acme/clients/web".into(),
        kind: Kind::Web.into(),
        auth_methods: vec![AuthMethod::ClientSecretBasic.into()],
        grant_types: vec![GrantType::AuthorizationCode.into(), GrantType::RefreshToken.into()],
        redirect_uris: vec!["https://b.example/cb".into(), "https://a.example/cb".into()],
        scopes: vec!["openid".into(), "reports.read".into()],
        ..Default::default()
    };
    let scope = Scope {
        name: "tenants/acme/scopes/reports-read".into(),
        value: "reports.read".into(),
        claims: vec!["department".into()],
        ..Default::default()
    };
    TenantDocument {
        tenant: Some(Tenant { name: "tenants/acme".into(), display_name: "Acme".into(), ..Default::default() }),
        scopes: vec![scope],
        clients: vec![web, Client { name: "tenants/acme/clients/batch".into(), ..service() }],
        ..Default::default()
    }
}

fn order(document: &TenantDocument) -> ApplyTenantDocumentRequest {
    ApplyTenantDocumentRequest {
        tenant_document: Some(document.clone()),
        allow_missing: true,
        prune: true,
        ..Default::default()
    }
}

pub(crate) async fn apply(caller: &mut Caller, document: &TenantDocument) -> Result<TenantDocumentPlan, Status> {
    let answer = caller.documents.apply_tenant_document(order(document)).await?;
    Ok(answer.into_inner().plan.expect("a plan"))
}

pub(crate) async fn plan(caller: &mut Caller, document: &TenantDocument) -> Result<TenantDocumentPlan, Status> {
    let ApplyTenantDocumentRequest { tenant_document, prune, allow_missing, .. } = order(document);
    let request = PlanTenantDocumentRequest { tenant_document, prune, allow_missing };
    Ok(caller.documents.plan_tenant_document(request).await?.into_inner())
}

pub(crate) async fn export(caller: &mut Caller) -> TenantDocument {
    let request = ExportTenantDocumentRequest { name: "tenants/acme".into() };
    caller.documents.export_tenant_document(request).await.expect("exported").into_inner()
}

pub(crate) fn short(changes: &[TenantDocumentChange]) -> Vec<(Done, &str)> {
    changes.iter().map(|change| (change.kind(), change.name.as_str())).collect()
}

#[tokio::test]
async fn what_was_exported_plans_to_nothing() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let made = apply(&mut operator, &document()).await.expect("applied");
    assert_eq!(
        short(&made.changes),
        [
            (Done::Create, "tenants/acme"),
            (Done::Create, "tenants/acme/scopes/reports-read"),
            (Done::Create, "tenants/acme/clients/batch"),
            (Done::Create, "tenants/acme/clients/web"),
        ]
    );
    let exported = export(&mut operator).await;
    assert_eq!(exported.etag, made.etag, "apply tells the etag that export has");
    assert_eq!(exported.clients.len(), 2);
    let output = exported.clients.iter().all(|one| one.uid.is_empty() && one.etag.is_empty() && one.state == 0);
    assert!(output && exported.tenant.as_ref().is_some_and(|tenant| tenant.issuer.is_empty()));
    for same in [&exported, &document()] {
        assert_eq!(short(&plan(&mut operator, same).await.expect("planned").changes), []);
    }
    let events = world.store.audit().len();
    assert_eq!(apply(&mut operator, &exported).await.expect("applied").etag, exported.etag);
    assert_eq!(world.store.audit().len(), events, "nothing to do is nothing done");
}

#[tokio::test]
async fn the_order_of_a_list_without_order_means_nothing() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let mut turned = document();
    turned.clients[0].redirect_uris.reverse();
    turned.clients.reverse();
    assert_eq!(short(&plan(&mut operator, &turned).await.expect("planned").changes), []);
}

#[tokio::test]
async fn a_plan_tells_what_changes_and_what_to_think_of() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let mut wanted = document();
    wanted.tenant.as_mut().expect("a tenant").settings = Some(TenantSettings {
        access_token_ttl: seconds(60),
        session_idle_ttl: seconds(172_800),
        ..Default::default()
    });
    wanted.clients[0].redirect_uris.pop();
    wanted.clients[0].skip_consent = true;
    wanted.clients.pop();
    let planned = plan(&mut operator, &wanted).await.expect("planned");
    let told: Vec<_> = planned
        .changes
        .iter()
        .map(|change| {
            let fields: Vec<_> = change.fields.iter().map(|field| (field.path.as_str(), field.risk())).collect();
            (change.name.as_str(), change.kind(), change.risk(), change.permission.as_str(), fields)
        })
        .collect();
    let settings =
        vec![("settings.access_token_ttl", Risk::ShortensLife), ("settings.session_idle_ttl", Risk::WeakensSecurity)];
    let fields = vec![("redirect_uris", Risk::BreaksClients), ("skip_consent", Risk::WeakensSecurity)];
    let expected = [
        ("tenants/acme", Done::Update, Risk::WeakensSecurity, "tenants.update", settings),
        ("tenants/acme/clients/batch", Done::Delete, Risk::Destroys, "clients.delete", vec![]),
        ("tenants/acme/clients/web", Done::Update, Risk::WeakensSecurity, "clients.update", fields),
    ];
    assert_eq!(told, expected);
    let ttl = &planned.changes[0].fields[0];
    let text = |value: &Option<prost_types::Value>| match value.as_ref().and_then(|value| value.kind.clone()) {
        Some(prost_types::value::Kind::StringValue(text)) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!((text(&ttl.before).as_str(), text(&ttl.after).as_str()), ("600s", "60s"));
    assert!(planned.changes.iter().all(|change| !change.reason.is_empty()));
}

#[tokio::test]
async fn what_is_not_in_the_document_stays_unless_it_is_pruned() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let mut less = document();
    less.clients.clear();
    let request = ApplyTenantDocumentRequest { prune: false, ..order(&less) };
    operator.documents.apply_tenant_document(request).await.expect("applied");
    assert_eq!(export(&mut operator).await.clients.len(), 2);
    apply(&mut operator, &less).await.expect("applied");
    assert_eq!(export(&mut operator).await.clients.len(), 0);
}

#[tokio::test]
async fn an_apply_that_fails_changes_nothing() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let (before, events) = (export(&mut operator).await, world.store.audit().len());
    let mut wrong = document();
    wrong.tenant.as_mut().expect("a tenant").display_name = "Other".into();
    wrong.clients[1].redirect_uris = vec!["https://c.example/cb".into(), "not a place".into()];
    let answer = apply(&mut operator, &wrong).await;
    assert_eq!(metadata(&answer, "field"), "tenant_document.clients[1].redirect_uris[1]");
    assert_eq!(refusal(answer), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    assert_eq!((export(&mut operator).await, world.store.audit().len()), (before, events));

    let mut nobody = document();
    nobody.tenant.as_mut().expect("a tenant").name = "tenants/nobody".into();
    assert!(apply(&mut operator, &nobody).await.is_err(), "the clients are of another tenant");
    let answer = operator.tenants.get_tenant(chancery_proto::v1::GetTenantRequest { name: "tenants/nobody".into() });
    assert_eq!(refusal(answer.await).1, "TENANT_NOT_FOUND");
}

#[tokio::test]
async fn of_two_applies_with_one_etag_one_wins() {
    let world = World::new().await;
    let operator = world.operator().await;
    let mut first = operator.clone();
    apply(&mut first, &document()).await.expect("applied");
    let etag = export(&mut first).await.etag;
    let mut calls = tokio::task::JoinSet::new();
    for at in 0..8 {
        let mut wanted = TenantDocument { etag: etag.clone(), ..document() };
        // Each changes a thing of its own, so that nothing but the document itself can be in their way.
        wanted.scopes.push(Scope {
            name: format!("tenants/acme/scopes/own-{at}"),
            value: format!("own-{at}"),
            ..Default::default()
        });
        let mut caller = operator.clone();
        calls.spawn(async move { apply(&mut caller, &wanted).await.map(drop) });
    }
    let answers = calls.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for answer in lost {
        assert_eq!(refusal(answer), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    }
    assert_eq!(export(&mut first).await.scopes.len(), 2);
}

#[tokio::test]
async fn drift_is_what_was_changed_by_hand() {
    let world = World::new().await;
    world.tenant("bolt").await;
    let mut operator = world.operator().await;
    let ask = |name: &str| DriftTenantDocumentRequest { name: name.into() };
    let never = operator.documents.drift_tenant_document(ask("tenants/bolt")).await;
    assert_eq!(refusal(never), (Code::FailedPrecondition, "DOCUMENT_NOT_APPLIED".to_owned()));

    apply(&mut operator, &document()).await.expect("applied");
    let drift = operator.documents.drift_tenant_document(ask("tenants/acme")).await.expect("told").into_inner();
    assert_eq!(short(&drift.changes), []);
    assert_eq!(drift.apply_time.expect("a time").seconds, world.clock.now().seconds());
    assert!(drift.applied_by.starts_with("admin "));

    let tenant = Tenant { name: "tenants/acme".into(), display_name: "By hand".into(), ..Default::default() };
    let update =
        UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&["display_name"]), ..Default::default() };
    operator.tenants.update_tenant(update).await.expect("updated");
    let delete = DeleteClientRequest { name: "tenants/acme/clients/batch".into(), ..Default::default() };
    operator.clients.delete_client(delete).await.expect("deleted");
    // A secret is nothing that documents tell of.
    let secret = GenerateClientSecretRequest { parent: "tenants/acme/clients/web".into(), ..Default::default() };
    operator.clients.generate_client_secret(secret).await.expect("generated");
    let drift = operator.documents.drift_tenant_document(ask("tenants/acme")).await.expect("told").into_inner();
    assert_eq!(short(&drift.changes), [(Done::Update, "tenants/acme"), (Done::Delete, "tenants/acme/clients/batch")]);
}

#[tokio::test]
async fn each_thing_that_changes_is_one_event() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    world.store.forget_audit();
    let mut wanted = document();
    wanted.tenant.as_mut().expect("a tenant").display_name = "New".into();
    wanted.clients.pop();
    wanted.clients[0].skip_consent = true;
    wanted.key_policy = Some(KeyPolicy { period: seconds(40 * 86_400), ..Default::default() });
    apply(&mut operator, &wanted).await.expect("applied");
    let mut events: Vec<_> = world
        .store
        .audit()
        .into_iter()
        .map(|event| (event.object.map(|(noun, _)| noun).expect("an object"), event.action))
        .collect();
    events.sort_by_key(|(noun, _)| *noun);
    let expected = [
        (Noun::Tenant, Action::Updated),
        (Noun::Client, Action::Deleted),
        (Noun::Client, Action::Updated),
        (Noun::KeyPolicy, Action::Updated),
        (Noun::TenantDocument, Action::DocumentApplied),
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn the_settings_and_the_key_policy_may_change_together() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    // Longer than the policy that is there allows, and within the one that comes.
    let mut wanted = document();
    wanted.key_policy = Some(KeyPolicy {
        longest_token_life: seconds(7200),
        retain: seconds(30_000),
        algorithms: vec!["ES256".into(), "EdDSA".into()],
        ..Default::default()
    });
    let settings = |ttl| Some(TenantSettings { access_token_ttl: seconds(ttl), ..Default::default() });
    wanted.tenant.as_mut().expect("a tenant").settings = settings(7300);
    let answer = apply(&mut operator, &wanted).await;
    assert_eq!(metadata(&answer, "field"), "tenant_document.tenant.settings.access_token_ttl");
    wanted.tenant.as_mut().expect("a tenant").settings = settings(7200);
    apply(&mut operator, &wanted).await.expect("applied");
    assert_eq!(short(&plan(&mut operator, &wanted).await.expect("planned").changes), []);
    let request = GetKeyPolicyRequest { name: "tenants/acme/keyPolicy".into() };
    let policy = operator.keys.get_key_policy(request).await.expect("got").into_inner();
    assert_eq!((policy.token_life, policy.algorithms.len()), (seconds(7200), 2));

    wanted.key_policy.as_mut().expect("a policy").retain = seconds(60);
    let answer = apply(&mut operator, &wanted).await;
    assert_eq!(metadata(&answer, "field"), "tenant_document.key_policy.retain");
    assert_eq!(refusal(answer).1, "KEY_POLICY_UNSAFE");
}

#[tokio::test]
async fn a_document_is_refused_where_its_things_do_not_fit() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let refused = async |change: fn(&mut TenantDocument)| {
        let mut wrong = document();
        change(&mut wrong);
        let answer = apply(&mut operator.clone(), &wrong).await;
        (metadata(&answer, "field"), refusal(answer).1)
    };
    let field = |path: &str| (format!("tenant_document.{path}"), "FIELD_INVALID".to_owned());
    assert_eq!(refused(|it| it.clients.push(it.clients[0].clone())).await, field("clients[2].name"));
    assert_eq!(refused(|it| it.clients[0].name = "tenants/bolt/clients/web".into()).await, field("clients[0].name"));
    assert_eq!(refused(|it| it.clients[0].kind = Kind::Native.into()).await, field("clients[0].kind"));
    assert_eq!(refused(|it| it.scopes[0].value = "other".into()).await, field("scopes[0].value"));
    assert_eq!(refused(|it| it.tenant = None).await, field("tenant.name"));
    let second = |it: &mut TenantDocument| {
        it.scopes.push(Scope { name: "tenants/acme/scopes/second".into(), ..it.scopes[0].clone() });
    };
    assert_eq!(refused(second).await.1, "SCOPE_EXISTS");
    // A scope whose value another one has until now makes room for it first.
    let renamed = |it: &mut TenantDocument| it.scopes[0].name = "tenants/acme/scopes/renamed".into();
    let mut other = document();
    renamed(&mut other);
    assert!(apply(&mut operator, &other).await.is_ok());
}

#[tokio::test]
async fn t267_a_document_is_no_way_around_the_reach_of_a_key() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut insider = world.within(&acme).await;
    assert!(apply(&mut insider, &document()).await.is_ok(), "its own tenant");
    let mut other = document();
    other.tenant.as_mut().expect("a tenant").profile = chancery_proto::v1::tenant::Profile::Oidc.into();
    assert_eq!(refusal(apply(&mut insider, &other).await).0, Code::PermissionDenied, "the profile is the platform's");
    let absent = TenantDocument {
        tenant: Some(Tenant { name: "tenants/absent".into(), ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(refusal(apply(&mut insider, &absent).await).0, Code::NotFound, "founding tenants is the platform's");
}

#[tokio::test]
async fn t274_an_apply_that_names_itself_is_carried_out_once() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let request =
        ApplyTenantDocumentRequest { request_id: "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11".into(), ..order(&document()) };
    let first = operator.documents.apply_tenant_document(request.clone()).await.expect("applied").into_inner();
    let events = world.store.audit().len();
    let again = operator.documents.apply_tenant_document(request).await.expect("answered").into_inner();
    assert_eq!((first, world.store.audit().len()), (again, events));
}

#[tokio::test]
async fn t274_an_apply_of_nothing_that_names_itself_is_answered_alike_and_does_nothing() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let events = world.store.audit().len();
    let named = |document: &TenantDocument| ApplyTenantDocumentRequest {
        request_id: "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11".into(),
        ..order(document)
    };
    let first = operator.documents.apply_tenant_document(named(&document())).await.expect("applied").into_inner();
    assert_eq!(world.store.audit().len(), events, "nothing to do is nothing done");
    let mut other = document();
    other.clients.pop();
    apply(&mut operator, &other).await.expect("applied");
    let again = operator.documents.apply_tenant_document(named(&document())).await.expect("answered").into_inner();
    assert_eq!(first, again, "what came in between is left as it is");
    let reused = operator.documents.apply_tenant_document(named(&other)).await;
    assert_eq!(refusal(reused).1, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn t275_an_old_etag_is_refused() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    apply(&mut operator, &document()).await.expect("applied");
    let old = TenantDocument { etag: export(&mut operator).await.etag, ..document() };
    let mut next = old.clone();
    next.clients.pop();
    apply(&mut operator, &next).await.expect("applied");
    for answer in [apply(&mut operator, &old).await, plan(&mut operator, &old).await] {
        assert_eq!(refusal(answer), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    }
}

#[tokio::test]
async fn a_trial_writes_nothing() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let request = ApplyTenantDocumentRequest { validate_only: true, ..order(&document()) };
    let answer = operator.documents.apply_tenant_document(request).await.expect("tried").into_inner();
    assert_eq!(answer.plan.expect("a plan").changes.len(), 4);
    assert_eq!(world.store.audit().len(), 0);
    let request = ApplyTenantDocumentRequest { allow_missing: false, ..order(&document()) };
    assert_eq!(refusal(operator.documents.apply_tenant_document(request).await).1, "TENANT_NOT_FOUND");
}

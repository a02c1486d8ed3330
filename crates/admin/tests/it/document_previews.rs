//! Documents and orders over every tenant are no way around previews.

use std::time::Duration;

use chancery_admin::Danger;
use chancery_proto::v1::{
    ApplyTenantDocumentRequest, CompromiseAlgorithmRequest, CompromiseAlgorithmResponse, DeleteClientRequest,
    ExportTenantDocumentRequest, PlanTenantDocumentRequest, Preview, Tenant, TenantDocument, TenantDocumentPlan,
    TenantSettings, UpdateTenantRequest,
    preview::{Effect, effect::Kind},
};
use tonic::{Code, Status};

use crate::{
    key_alarms::keys,
    previews::{Scene, count},
    world::{Caller, World, mask, refusal, seconds},
};

/// Everything that a document can do and that has a preview.
const DANGERS: [Danger; 3] = [Danger::UpdateTenant, Danger::UpdateKeyPolicy, Danger::DeleteClient];

async fn export(caller: &mut Caller) -> TenantDocument {
    let request = ExportTenantDocumentRequest { name: "tenants/acme".into() };
    caller.documents.export_tenant_document(request).await.expect("exported").into_inner()
}

async fn plan(caller: &mut Caller, document: &TenantDocument) -> TenantDocumentPlan {
    let tenant_document = Some(document.clone());
    let request = PlanTenantDocumentRequest { tenant_document, prune: true, allow_missing: false };
    caller.documents.plan_tenant_document(request).await.expect("planned").into_inner()
}

async fn apply(caller: &mut Caller, document: &TenantDocument, hash: &str) -> Result<TenantDocumentPlan, Status> {
    let request = ApplyTenantDocumentRequest {
        tenant_document: Some(document.clone()),
        prune: true,
        preview_hash: hash.into(),
        ..Default::default()
    };
    Ok(caller.documents.apply_tenant_document(request).await?.into_inner().plan.expect("a plan"))
}

/// The document of a scene with one change that has that danger.
fn with(mut document: TenantDocument, danger: Danger) -> TenantDocument {
    match danger {
        Danger::UpdateTenant => {
            let settings = TenantSettings { session_idle_ttl: seconds(900), ..Default::default() };
            document.tenant.as_mut().expect("a tenant").settings = Some(settings);
        }
        Danger::UpdateKeyPolicy => {
            let policy = document.key_policy.as_mut().expect("a policy");
            (policy.algorithms, policy.default_algorithm) = (vec!["EdDSA".into()], "EdDSA".into());
        }
        Danger::DeleteClient => document.clients.retain(|client| client.name != "tenants/acme/clients/web"),
        Danger::DeleteTenant
        | Danger::SuspendTenant
        | Danger::DisableClient
        | Danger::DeleteUser
        | Danger::DisableUser
        | Danger::CompromiseKey
        | Danger::CompromiseTenantKeys => panic!("documents cannot do {danger:?}"),
    }
    document
}

#[tokio::test]
async fn what_has_a_preview_is_not_applied_unseen() {
    for danger in DANGERS {
        let mut scene = Scene::of(World::wanting_previews(vec![danger]).await).await;
        let exported = export(&mut scene.operator).await;
        let wanted = with(exported.clone(), danger);
        let required = (Code::FailedPrecondition, "PREVIEW_REQUIRED".to_owned());
        assert!(!wanted.etag.is_empty(), "an export shows nothing of what ends, so its etag is no preview");
        assert_eq!(refusal(apply(&mut scene.operator, &wanted, "").await), required, "{danger:?}");
        assert_eq!(export(&mut scene.operator).await, exported);

        let told = plan(&mut scene.operator, &wanted).await;
        assert_eq!(told.changes.len(), 1, "{:?}", told.changes);
        let changed = (Code::Aborted, "PREVIEW_CHANGED".to_owned());
        let mut other = wanted.clone();
        other.scopes.push(scope());
        assert_eq!(refusal(apply(&mut scene.operator, &other, &told.preview_hash).await), changed, "another document");
        let mut stranger = scene.world.operator().await;
        assert_eq!(refusal(apply(&mut stranger, &wanted, &told.preview_hash).await), changed, "another caller");
        let done = apply(&mut scene.operator, &wanted, &told.preview_hash).await.expect("as it was shown");
        assert!(done.preview_hash.is_empty() && done.changes.len() == 1);
    }
}

fn scope() -> chancery_proto::v1::Scope {
    chancery_proto::v1::Scope { name: "tenants/acme/scopes/other".into(), value: "other".into(), ..Default::default() }
}

#[tokio::test]
async fn what_needs_no_preview_is_applied_unseen() {
    let mut scene = Scene::of(World::wanting_previews(vec![Danger::UpdateKeyPolicy]).await).await;
    let document = export(&mut scene.operator).await;
    let deleted = with(document.clone(), Danger::DeleteClient);
    apply(&mut scene.operator, &deleted, "").await.expect("not insisted on");
    // A tenant that is new has nothing that could end.
    let mut fresh = document;
    fresh.clients.clear();
    fresh.etag.clear();
    fresh.tenant.as_mut().expect("a tenant").name = "tenants/fresh".into();
    fresh.key_policy.as_mut().expect("a policy").name.clear();
    let request = ApplyTenantDocumentRequest {
        tenant_document: Some(with(fresh, Danger::UpdateKeyPolicy)),
        allow_missing: true,
        ..Default::default()
    };
    scene.operator.documents.apply_tenant_document(request).await.expect("made");
}

#[tokio::test]
async fn a_plan_counts_what_the_previews_of_the_single_calls_count() {
    let mut scene = Scene::new().await;
    scene.world.clock.advance(Duration::from_secs(1800));
    let document = export(&mut scene.operator).await;
    let deletion = DeleteClientRequest { name: "tenants/acme/clients/web".into(), ..Default::default() };
    let deleted = scene.operator.previews.preview_delete_client(deletion).await.expect("told").into_inner();
    let update = UpdateTenantRequest {
        tenant: Some(Tenant {
            name: "tenants/acme".into(),
            settings: Some(TenantSettings { session_idle_ttl: seconds(900), ..Default::default() }),
            ..Default::default()
        }),
        update_mask: mask(&["settings.session_idle_ttl"]),
        ..Default::default()
    };
    let shortened = scene.operator.previews.preview_update_tenant(update).await.expect("told").into_inner();
    for (danger, preview) in [(Danger::DeleteClient, deleted), (Danger::UpdateTenant, shortened)] {
        let told = plan(&mut scene.operator, &with(document.clone(), danger)).await;
        assert!(!preview.effects.is_empty());
        assert_eq!(told.changes[0].effects, preview.effects, "{danger:?}");
    }
    let told = plan(&mut scene.operator, &with(document.clone(), Danger::UpdateKeyPolicy)).await;
    let effects: Vec<Effect> = told.changes[0].effects.clone();
    let told = Preview { effects, ..Default::default() };
    assert!(count(&told, Kind::Keys) + count(&told, Kind::SigningKeys) > 0, "{told:?}");
}

#[tokio::test]
async fn a_plan_that_is_overtaken_or_too_old_is_not_applied() {
    let mut scene = Scene::new().await;
    let wanted = with(export(&mut scene.operator).await, Danger::DeleteClient);
    let changed = (Code::Aborted, "PREVIEW_CHANGED".to_owned());
    let told = plan(&mut scene.operator, &wanted).await;
    let newcomer = scene.users[0].clone();
    scene.sign_in(&newcomer).await;
    assert_eq!(refusal(apply(&mut scene.operator, &wanted, &told.preview_hash).await), changed, "one grant more");
    let told = plan(&mut scene.operator, &wanted).await;
    scene.world.clock.advance(Duration::from_secs(601));
    assert_eq!(refusal(apply(&mut scene.operator, &wanted, &told.preview_hash).await), changed, "too old");
}

async fn everywhere(
    caller: &mut Caller,
    request: CompromiseAlgorithmRequest,
) -> Result<CompromiseAlgorithmResponse, Status> {
    let mut answers = caller.keys.compromise_algorithm(request).await?.into_inner();
    let mut last = CompromiseAlgorithmResponse::default();
    while let Some(answer) = answers.message().await? {
        last = answer;
    }
    Ok(last)
}

#[tokio::test]
async fn an_order_over_every_tenant_goes_by_its_trial() {
    let mut scene = Scene::of(World::wanting_previews(vec![Danger::CompromiseKey]).await).await;
    scene.world.clock.advance(Duration::from_secs(60));
    let order = CompromiseAlgorithmRequest { algorithm: "ES256".into(), reason: "broken".into(), ..Default::default() };
    let before = keys(&mut scene.operator, "acme").await;
    let refused = refusal(everywhere(&mut scene.operator, order.clone()).await);
    assert_eq!(refused, (Code::FailedPrecondition, "PREVIEW_REQUIRED".to_owned()));
    let trial = CompromiseAlgorithmRequest { validate_only: true, ..order.clone() };
    let told = everywhere(&mut scene.operator, trial).await.expect("told");
    let shown = CompromiseAlgorithmRequest { made_before: told.made_before, preview_hash: told.preview_hash, ..order };
    let changed = (Code::Aborted, "PREVIEW_CHANGED".to_owned());
    for other in [
        CompromiseAlgorithmRequest { made_before: None, ..shown.clone() },
        CompromiseAlgorithmRequest { allow_unannounced: true, ..shown.clone() },
    ] {
        scene.world.clock.advance(Duration::from_secs(1));
        assert_eq!(refusal(everywhere(&mut scene.operator, other).await), changed);
    }
    assert_eq!(keys(&mut scene.operator, "acme").await.len(), before.len(), "nothing was given up");
    let done = everywhere(&mut scene.operator, shown.clone()).await.expect("as it was shown");
    assert_eq!((done.keys_compromised, done.preview_hash.as_str()), (told.keys_compromised, ""));
    assert!(done.keys_compromised > 0);
    assert_eq!(refusal(everywhere(&mut scene.operator, shown).await), changed, "nothing is left of what was shown");
}

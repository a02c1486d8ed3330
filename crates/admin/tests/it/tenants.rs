//! The life of a tenant.

use std::time::Duration;

use chancery_domain::audit::Action;
use chancery_proto::v1::{
    CreateClientRequest, CreateTenantRequest, DeleteTenantRequest, GetKeyPolicyRequest, GetTenantRequest,
    ListKeysRequest, ListTenantsRequest, ResumeTenantRequest, SuspendTenantRequest, Tenant, TenantSettings,
    UndeleteTenantRequest, UpdateTenantRequest, key,
    tenant::{Profile, State},
};
use tonic::Code;

use crate::world::{World, mask, metadata, refusal, seconds};

#[tokio::test]
async fn a_new_tenant_is_ready_to_serve() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    assert_eq!((acme.name.as_str(), acme.display_name.as_str()), ("tenants/acme", "acme"));
    assert_eq!(acme.issuer, "https://id.example/t/acme");
    assert_eq!((acme.profile(), acme.state()), (Profile::Oauth21, State::Active));
    assert_eq!(acme.settings.expect("settings").access_token_ttl, seconds(600));

    let mut operator = world.operator().await;
    let keys = operator.keys.list_keys(ListKeysRequest { parent: acme.name.clone(), ..Default::default() });
    let keys = keys.await.expect("listed").into_inner().keys;
    let mut states: Vec<_> = keys.iter().map(|key| (key.state(), key.algorithm.as_str())).collect();
    states.sort_unstable();
    assert_eq!(states, [(key::State::Standby, "ES256"), (key::State::Active, "ES256")]);
    assert!(keys.iter().all(|key| key.public_jwk.contains("\"kty\"") && !key.public_jwk.contains("\"d\"")));
    assert!(world.store.audit().iter().any(|event| event.action == Action::Created));
}

#[tokio::test]
async fn an_oidc_tenant_signs_with_rsa() {
    let world = World::new().await;
    let tenant = Tenant { profile: Profile::Oidc.into(), ..Default::default() };
    let request = CreateTenantRequest { tenant_id: "acme".into(), tenant: Some(tenant), ..Default::default() };
    let mut operator = world.operator().await;
    let acme = operator.tenants.create_tenant(request).await.expect("created").into_inner();
    let name = format!("{}/keyPolicy", acme.name);
    let policy = operator.keys.get_key_policy(GetKeyPolicyRequest { name }).await.expect("got").into_inner();
    assert_eq!(policy.algorithms, ["RS256"]);
}

#[tokio::test]
async fn bad_input_is_refused_and_nothing_is_made() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    world.tenant("acme").await;
    let create = |id: &str, tenant: Tenant| CreateTenantRequest {
        tenant_id: id.into(),
        tenant: Some(tenant),
        ..Default::default()
    };
    let invalid = (Code::InvalidArgument, "FIELD_INVALID".to_owned());
    for id in ["", "A", "1st", "acme-", "a/b", "../x"] {
        assert_eq!(refusal(operator.tenants.create_tenant(create(id, Tenant::default())).await), invalid, "{id}");
    }
    let settings = |settings| Tenant { settings: Some(settings), ..Default::default() };
    for bad in [
        Tenant { profile: 99, ..Default::default() },
        Tenant { display_name: "a\nb".into(), ..Default::default() },
        settings(TenantSettings { code_ttl: seconds(61), ..Default::default() }),
        settings(TenantSettings { access_token_ttl: seconds(-1), ..Default::default() }),
        settings(TenantSettings { access_token_ttl: seconds(86_401), ..Default::default() }),
    ] {
        assert_eq!(refusal(operator.tenants.create_tenant(create("new", bad)).await), invalid);
    }
    let taken = refusal(operator.tenants.create_tenant(create("acme", Tenant::default())).await);
    assert_eq!(taken, (Code::AlreadyExists, "TENANT_EXISTS".to_owned()));
    let trial = CreateTenantRequest { validate_only: true, ..create("new", Tenant::default()) };
    assert!(operator.tenants.create_tenant(trial).await.is_ok());
    let listed = operator.tenants.list_tenants(ListTenantsRequest::default()).await.expect("listed").into_inner();
    assert_eq!(listed.tenants.len(), 1);
}

#[tokio::test]
async fn settings_change_one_by_one() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let settings = TenantSettings { code_ttl: seconds(30), refresh_grace: seconds(0), ..Default::default() };
    let sent = Tenant { name: acme.name.clone(), settings: Some(settings), ..Default::default() };
    let request = UpdateTenantRequest { tenant: Some(sent.clone()), update_mask: None, ..Default::default() };
    let updated = operator.tenants.update_tenant(request).await.expect("updated").into_inner();
    let settings = updated.settings.expect("settings");
    assert_eq!((settings.code_ttl, settings.id_token_ttl), (seconds(30), seconds(600)));
    assert_eq!(settings.refresh_grace, seconds(0));
    assert_ne!(updated.etag, acme.etag);

    let unknown =
        UpdateTenantRequest { tenant: Some(sent), update_mask: mask(&["settings.nothing"]), ..Default::default() };
    assert_eq!(refusal(operator.tenants.update_tenant(unknown).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn a_tenant_moves_from_state_to_state() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let mut insider = world.within(&acme).await;
    let name = || acme.name.clone();
    let resume = || ResumeTenantRequest { name: name(), ..Default::default() };
    assert_eq!(refusal(operator.tenants.resume_tenant(resume()).await).1, "TENANT_ACTIVE");

    let suspend = || SuspendTenantRequest { name: name(), ..Default::default() };
    let suspended = operator.tenants.suspend_tenant(suspend()).await.expect("suspended").into_inner();
    assert_eq!(suspended.state(), State::Suspended);
    assert_eq!(refusal(operator.tenants.suspend_tenant(suspend()).await).1, "TENANT_SUSPENDED");
    let create = || CreateClientRequest { parent: name(), ..Default::default() };
    let refused = refusal(insider.clients.create_client(create()).await);
    assert_eq!(refused, (Code::FailedPrecondition, "TENANT_SUSPENDED".to_owned()));
    assert!(insider.tenants.get_tenant(GetTenantRequest { name: name() }).await.is_ok());
    assert_eq!(refusal(operator.clients.create_client(create()).await).1, "FIELD_INVALID");
    assert!(operator.tenants.resume_tenant(resume()).await.is_ok());

    let delete = |validate_only| DeleteTenantRequest { name: name(), validate_only, ..Default::default() };
    let trial = operator.tenants.delete_tenant(delete(true)).await.expect("tried").into_inner();
    assert_eq!(trial.state(), State::Deleted);
    let deleted = operator.tenants.delete_tenant(delete(false)).await.expect("deleted").into_inner();
    let (at, purge) = (deleted.delete_time.expect("deleted"), deleted.purge_time.expect("purged"));
    assert_eq!(purge.seconds - at.seconds, 30 * 86_400);
    assert_eq!(refusal(operator.clients.create_client(create()).await).1, "TENANT_DELETED");

    let list = |show_deleted| ListTenantsRequest { show_deleted, ..Default::default() };
    assert!(operator.tenants.list_tenants(list(false)).await.expect("listed").into_inner().tenants.is_empty());
    assert_eq!(operator.tenants.list_tenants(list(true)).await.expect("listed").into_inner().tenants.len(), 1);
    let again = CreateTenantRequest { tenant_id: "acme".into(), ..Default::default() };
    assert_eq!(metadata(&operator.tenants.create_tenant(again).await, "name"), "tenants/acme");

    let undelete = || UndeleteTenantRequest { name: name(), ..Default::default() };
    let back = operator.tenants.undelete_tenant(undelete()).await.expect("undeleted").into_inner();
    assert_eq!((back.state(), back.uid), (State::Active, acme.uid.clone()));
    assert_eq!(refusal(operator.tenants.undelete_tenant(undelete()).await).1, "TENANT_ACTIVE");
}

#[tokio::test]
async fn t172_a_tenant_is_brought_back_only_while_none_of_it_can_be_gone() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let name = || acme.name.clone();
    let delete = || DeleteTenantRequest { name: name(), ..Default::default() };
    let undelete = || UndeleteTenantRequest { name: name(), ..Default::default() };
    world.operator().await.tenants.delete_tenant(delete()).await.expect("deleted");
    world.clock.advance(Duration::from_secs(30 * 86_400 - 1));
    let mut operator = world.operator().await;
    operator.tenants.undelete_tenant(undelete()).await.expect("in the last second");
    operator.tenants.delete_tenant(delete()).await.expect("deleted again");
    world.clock.advance(Duration::from_secs(30 * 86_400));
    let refused = refusal(world.operator().await.tenants.undelete_tenant(undelete()).await);
    assert_eq!(refused, (Code::FailedPrecondition, "TENANT_DELETED".to_owned()));
}

#[tokio::test]
async fn a_host_makes_the_issuer_and_is_the_platforms_to_give() {
    let world = World::new().await;
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let mut operator = world.operator().await;
    let give = |tenant: &Tenant, host: &str| UpdateTenantRequest {
        tenant: Some(Tenant { name: tenant.name.clone(), issuer_host: host.into(), ..Default::default() }),
        update_mask: mask(&["issuer_host"]),
        ..Default::default()
    };
    for bad in ["id.example", "localhost", "Login.Acme.Example", "login.acme.example:443", "https://a.b", "127.0.0.1"] {
        let refused = refusal(operator.tenants.update_tenant(give(&acme, bad)).await);
        assert_eq!(refused, (Code::InvalidArgument, "FIELD_INVALID".to_owned()), "{bad}");
    }
    let mut insider = world.within(&acme).await;
    let denied = refusal(insider.tenants.update_tenant(give(&acme, "login.acme.example")).await);
    assert_eq!(denied.0, Code::PermissionDenied);

    let given = operator.tenants.update_tenant(give(&acme, "login.acme.example")).await.expect("given").into_inner();
    assert_eq!(given.issuer, "https://login.acme.example");
    let taken = (Code::AlreadyExists, "ISSUER_HOST_TAKEN".to_owned());
    assert_eq!(refusal(operator.tenants.update_tenant(give(&bolt, "login.acme.example")).await), taken);
    let tenant = Tenant { issuer_host: "login.acme.example".into(), ..Default::default() };
    let request = CreateTenantRequest { tenant_id: "coil".into(), tenant: Some(tenant), ..Default::default() };
    assert_eq!(refusal(operator.tenants.create_tenant(request).await), taken);

    let back = operator.tenants.update_tenant(give(&acme, "")).await.expect("given back").into_inner();
    assert_eq!(back.issuer, "https://id.example/t/acme");
}

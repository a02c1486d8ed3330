//! What tenants and clients say of authorization requests.

use chancery_proto::v1::{
    Client, CreateTenantRequest, Tenant, TenantSettings, UpdateClientRequest, UpdateTenantRequest, client::GrantType,
    tenant::Profile,
};
use tonic::{Code, Status};

use crate::{
    clients::{create, service},
    world::{Caller, World, mask, metadata, refusal, seconds},
};

const TYPES: &str = "settings.response_types";
const PLACE: &str = "settings.sign_up_uri";

async fn set(caller: &mut Caller, settings: TenantSettings, path: &str) -> Result<Tenant, Status> {
    let tenant = Tenant { name: "tenants/acme".into(), settings: Some(settings), ..Default::default() };
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&[path]), ..Default::default() };
    caller.tenants.update_tenant(request).await.map(tonic::Response::into_inner)
}

fn types(all: &[&str]) -> TenantSettings {
    TenantSettings { response_types: all.iter().map(|&it| it.to_owned()).collect(), ..Default::default() }
}

#[tokio::test]
async fn a_tenant_on_oidc_switches_response_types_on_and_off() {
    let world = World::new().await;
    let acme = world.oidc_tenant("acme").await;
    assert_eq!(acme.settings.expect("settings").response_types, ["code"]);
    let mut operator = world.operator().await;
    let open = set(&mut operator, types(&["code id_token", "code", "id_token"]), TYPES).await.expect("updated");
    assert_eq!(open.settings.expect("settings").response_types, ["code", "id_token", "code id_token"]);
    for bad in [&["id_token"][..], &["code", "token"], &["code", "id_token code"], &["none"]] {
        let refused = set(&mut operator, types(bad), TYPES).await;
        assert!(metadata(&refused, "field").starts_with("tenant.settings.response_types"), "{bad:?}: {refused:?}");
    }
    // The other profile refuses what is switched on.
    let tenant = Tenant { name: "tenants/acme".into(), profile: Profile::Oauth21.into(), ..Default::default() };
    let to_oauth21 =
        UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&["profile"]), ..Default::default() };
    let refused = operator.tenants.update_tenant(to_oauth21.clone()).await;
    assert_eq!(metadata(&refused, "field"), "tenant.settings.response_types");
    let closed = set(&mut operator, types(&[]), TYPES).await.expect("updated");
    assert_eq!(closed.settings.expect("settings").response_types, ["code"]);
    operator.tenants.update_tenant(to_oauth21).await.expect("updated");

    let tenant = Tenant { settings: Some(types(&["code", "code token"])), ..Default::default() };
    let request = CreateTenantRequest { tenant_id: "other".into(), tenant: Some(tenant), ..Default::default() };
    let refused = refusal(operator.tenants.create_tenant(request).await);
    assert_eq!(refused, (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
}

#[tokio::test]
async fn a_sign_up_page_is_an_address_that_a_browser_can_safely_go_to() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let place = |uri: &str| TenantSettings { sign_up_uri: uri.into(), ..Default::default() };
    for good in ["https://acme.example/join?from=here", "http://127.0.0.1:3000/join", ""] {
        let set = set(&mut operator, place(good), PLACE).await.expect("updated");
        assert_eq!(set.settings.expect("settings").sign_up_uri, good);
    }
    for bad in ["http://acme.example/join", "javascript:alert(1)", "/join", "https://acme.example/join#x"] {
        let refused = set(&mut operator, place(bad), PLACE).await;
        assert_eq!(metadata(&refused, "field"), format!("tenant.{PLACE}"), "{bad}");
    }
}

#[tokio::test]
async fn a_client_registers_what_it_asks_for() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let asking = Client {
        grant_types: vec![GrantType::AuthorizationCode.into(), GrantType::Implicit.into()],
        redirect_uris: vec!["https://app.example/cb".into()],
        response_types: vec!["code id_token".into(), "code".into()],
        default_max_age: seconds(3600),
        require_auth_time: true,
        authorization_signed_response_alg: "RS256".into(),
        ..service()
    };
    let made = create(&mut operator, "web", asking.clone()).await;
    assert_eq!(made.response_types, ["code", "code id_token"]);
    assert_eq!((made.default_max_age, made.require_auth_time), (seconds(3600), true));
    assert_eq!(made.authorization_signed_response_alg, "RS256");

    let mut update = async |path: &str, change: &dyn Fn(&mut Client)| {
        let mut client = Client { name: made.name.clone(), ..asking.clone() };
        change(&mut client);
        let request = UpdateClientRequest { client: Some(client), update_mask: mask(&[path]), validate_only: false };
        operator.clients.update_client(request).await.map(tonic::Response::into_inner)
    };
    for (path, change) in [
        (
            "response_types",
            &(|client: &mut Client| client.response_types = vec!["token".into()]) as &dyn Fn(&mut Client),
        ),
        ("grant_types", &|client| client.grant_types = vec![GrantType::AuthorizationCode.into()]),
        ("grant_types", &|client| client.grant_types = vec![GrantType::Implicit.into()]),
        ("default_max_age", &|client| client.default_max_age = seconds(-1)),
        ("default_max_age", &|client| client.default_max_age = seconds(4_294_967_296)),
        ("authorization_signed_response_alg", &|client| client.authorization_signed_response_alg = "none".into()),
        ("authorization_signed_response_alg", &|client| client.authorization_signed_response_alg = "HS256".into()),
        // The key policy has no such key.
        ("authorization_signed_response_alg", &|client| client.authorization_signed_response_alg = "ES256".into()),
    ] {
        let refused = update(path, change).await;
        assert!(metadata(&refused, "field").starts_with("client."), "{path}: {refused:?}");
    }
    let cleared = update("default_max_age", &|client| client.default_max_age = None).await.expect("updated");
    assert_eq!(cleared.default_max_age, None);
}

#[tokio::test]
async fn oauth21_registers_nothing_for_the_browser() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made = create(&mut operator, "web", service()).await;
    let client = Client {
        name: made.name,
        grant_types: vec![GrantType::Implicit.into()],
        redirect_uris: vec!["https://app.example/cb".into()],
        response_types: vec!["id_token".into()],
        ..service()
    };
    let update_mask = mask(&["grant_types", "redirect_uris", "response_types"]);
    let request = UpdateClientRequest { client: Some(client), update_mask, validate_only: false };
    let refused = operator.clients.update_client(request).await;
    assert_eq!(metadata(&refused, "field"), "client.response_types");
}

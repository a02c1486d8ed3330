//! How clients prove themselves with signed texts and send requests, as operators register it.

use chancery_domain::ports::store::Store;
use chancery_proto::v1::{
    Client, GenerateClientSecretRequest, Tenant, TenantSettings, UpdateClientRequest, UpdateTenantRequest,
    client::AuthMethod,
};
use tonic::{Code, Status};

use crate::{
    clients::{create, service},
    world::{Caller, World, mask, refusal},
};

const JWKS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "one",
  "x": "qDnTIGkWSA-tdxNdK7H0-QteKOq4AvV9JP5qBQ5Bunc", "y": "xu5sPf_qXolXKimIEYcgFifsdQUiKpHnvgin73jchG8"}]}"#;

fn signing() -> Client {
    Client { auth_methods: vec![AuthMethod::PrivateKeyJwt.into()], jwks: JWKS.into(), ..service() }
}

async fn update(caller: &mut Caller, sent: Client, paths: &[&str]) -> Result<Client, Status> {
    let client = Client { name: "tenants/acme/clients/web".into(), ..sent };
    let request = UpdateClientRequest { client: Some(client), update_mask: mask(paths), validate_only: false };
    caller.clients.update_client(request).await.map(tonic::Response::into_inner)
}

/// The fields that a refusal names.
fn fields(refused: Result<Client, Status>) -> String {
    use tonic_types::StatusExt as _;
    let details = refused.expect_err("refused").get_error_details();
    let violations = details.bad_request().map(|request| request.field_violations.clone()).unwrap_or_default();
    violations.iter().map(|violation| violation.field.clone()).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn what_is_registered_is_told_as_it_is() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let sent = Client {
        token_endpoint_auth_signing_alg: "ES256".into(),
        require_pushed_authorization_requests: true,
        request_object_signing_alg: "PS256".into(),
        request_uris: vec!["https://app.example/r#1".into()],
        require_signed_request_object: true,
        ..signing()
    };
    let made = create(&mut operator, "web", sent.clone()).await;
    let told = |client: &Client| {
        (
            client.auth_methods.clone(),
            client.token_endpoint_auth_signing_alg.clone(),
            client.require_pushed_authorization_requests,
            client.request_object_signing_alg.clone(),
            client.request_uris.clone(),
            client.require_signed_request_object,
        )
    };
    assert_eq!(told(&made), told(&sent));
    let plain = update(&mut operator, signing(), &["*"]).await.expect("updated");
    assert_eq!(told(&plain), told(&signing()));
}

#[tokio::test]
async fn parts_that_do_not_fit_together_are_refused_by_name() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    create(&mut operator, "web", signing()).await;
    let methods = |methods: &[AuthMethod]| methods.iter().map(|&method| method.into()).collect::<Vec<i32>>();
    let joined = methods(&[AuthMethod::PrivateKeyJwt, AuthMethod::ClientSecretBasic]);
    for (sent, path, named) in [
        (Client { auth_methods: joined, ..signing() }, "auth_methods", "client.auth_methods"),
        (Client { jwks: String::new(), ..signing() }, "jwks", "client.jwks"),
        (
            Client { token_endpoint_auth_signing_alg: "HS256".into(), ..signing() },
            "token_endpoint_auth_signing_alg",
            "client.token_endpoint_auth_signing_alg",
        ),
        (
            Client { token_endpoint_auth_signing_alg: "none".into(), ..signing() },
            "token_endpoint_auth_signing_alg",
            "client.token_endpoint_auth_signing_alg",
        ),
        (
            Client { request_object_signing_alg: "none".into(), ..signing() },
            "request_object_signing_alg",
            "client.request_object_signing_alg",
        ),
        (
            Client { request_uris: vec!["http://app.example/r".into()], ..signing() },
            "request_uris",
            "client.request_uris[0]",
        ),
        (
            Client { request_uris: vec!["https://app.example/r".into(), "https://10.0.0.1/r".into()], ..signing() },
            "request_uris",
            "client.request_uris[1]",
        ),
    ] {
        assert_eq!(fields(update(&mut operator, sent, &[path]).await), named);
    }
    let keyless = Client { require_signed_request_object: true, ..service() };
    let refused = update(&mut operator, keyless, &["*"]).await;
    assert_eq!(fields(refused), "client.jwks");
}

#[tokio::test]
async fn the_newer_profile_registers_no_request_objects() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    create(&mut operator, "web", signing()).await;
    for (sent, field) in [
        (Client { request_object_signing_alg: "ES256".into(), ..signing() }, "request_object_signing_alg"),
        (Client { require_signed_request_object: true, ..signing() }, "require_signed_request_object"),
        (Client { request_uris: vec!["https://app.example/r".into()], ..signing() }, "request_uris"),
    ] {
        assert_eq!(fields(update(&mut operator, sent, &[field]).await), format!("client.{field}"));
    }
    let pushing = Client { require_pushed_authorization_requests: true, ..signing() };
    update(&mut operator, pushing, &["require_pushed_authorization_requests"]).await.expect("pushing is for all");
}

#[tokio::test]
async fn a_secret_that_signs_assertions_is_kept_sealed() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made = create(&mut operator, "web", service()).await;
    let request = GenerateClientSecretRequest { parent: made.name.clone(), ttl: None };
    operator.clients.generate_client_secret(request.clone()).await.expect("generated");
    let by_secret = Client { auth_methods: vec![AuthMethod::ClientSecretJwt.into()], ..service() };
    let refused = update(&mut operator, by_secret.clone(), &["auth_methods"]).await;
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "CLIENT_SECRETS_DIGESTED".to_owned()));

    let stored = async || {
        let (tenant, id) = (acme.uid.parse().expect("a uid"), "other".parse().expect("an id"));
        Store::read(&world.store, tenant).clients().find(&id).await.expect("reads").expect("there")
    };
    let made = create(&mut operator, "other", by_secret).await;
    let request = GenerateClientSecretRequest { parent: made.name.clone(), ttl: None };
    operator.clients.generate_client_secret(request).await.expect("generated");
    assert!(stored().await.secrets[0].sealed.is_some());
    let back = Client { name: made.name, ..service() };
    let back = UpdateClientRequest { client: Some(back), update_mask: mask(&["auth_methods"]), validate_only: false };
    operator.clients.update_client(back).await.expect("updated");
    assert!(stored().await.secrets[0].sealed.is_none(), "nobody needs it any more");
}

#[tokio::test]
async fn a_tenant_may_want_every_request_pushed() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let settings = TenantSettings { require_pushed_authorization_requests: true, ..TenantSettings::default() };
    let tenant = Tenant { name: acme.name, settings: Some(settings), ..Tenant::default() };
    let update_mask = mask(&["settings.require_pushed_authorization_requests"]);
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask, ..Default::default() };
    let updated = operator.tenants.update_tenant(request).await.expect("updated").into_inner();
    assert!(updated.settings.expect("settings").require_pushed_authorization_requests);
}

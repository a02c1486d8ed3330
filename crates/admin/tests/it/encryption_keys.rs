//! Encryption keys: they come and go with the setting of the tenant, and operators see, rotate and destroy them.

use std::time::Duration;

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::{
    Client, CreateClientRequest, CreateTenantRequest, DeleteEncryptionKeyRequest, EncryptionKey,
    ListEncryptionKeysRequest, RotateEncryptionKeysRequest, RotateEncryptionKeysResponse, Tenant, TenantSettings,
    UpdateClientRequest, UpdateTenantRequest, client::AuthMethod, encryption_key::State, tenant::Profile,
};
use tonic::{Code, Response, Status};

use crate::{
    clients::{create, service},
    world::{Caller, World, mask, refusal},
};

const JWKS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "one",
  "x": "qDnTIGkWSA-tdxNdK7H0-QteKOq4AvV9JP5qBQ5Bunc", "y": "xu5sPf_qXolXKimIEYcgFifsdQUiKpHnvgin73jchG8"}]}"#;

fn encrypting(on: bool) -> TenantSettings {
    TenantSettings { request_object_encryption: on, ..Default::default() }
}

async fn switch(caller: &mut Caller, on: bool) -> Result<Tenant, Status> {
    let tenant = Tenant { name: "tenants/acme".into(), settings: Some(encrypting(on)), ..Default::default() };
    let update_mask = mask(&["settings.request_object_encryption"]);
    let request = UpdateTenantRequest { tenant: Some(tenant), update_mask, ..Default::default() };
    caller.tenants.update_tenant(request).await.map(Response::into_inner)
}

async fn list(caller: &mut Caller, filter: &str) -> Vec<EncryptionKey> {
    let (parent, filter) = ("tenants/acme".into(), filter.into());
    let request = ListEncryptionKeysRequest { parent, filter, ..Default::default() };
    caller.encryption_keys.list_encryption_keys(request).await.expect("listed").into_inner().encryption_keys
}

async fn rotate(caller: &mut Caller) -> Result<RotateEncryptionKeysResponse, Status> {
    let (parent, reason) = ("tenants/acme".into(), "a drill".into());
    let request = RotateEncryptionKeysRequest { parent, reason, ..Default::default() };
    caller.encryption_keys.rotate_encryption_keys(request).await.map(Response::into_inner)
}

async fn delete(caller: &mut Caller, name: &str, validate_only: bool) -> Result<(), Status> {
    let request = DeleteEncryptionKeyRequest { name: name.into(), validate_only };
    caller.encryption_keys.delete_encryption_key(request).await.map(Response::into_inner)
}

fn states(keys: &[EncryptionKey]) -> (usize, usize) {
    let of = |state| keys.iter().filter(|key| key.state() == state).count();
    (of(State::Published), of(State::Withdrawn))
}

#[tokio::test]
async fn the_setting_brings_the_keys_and_takes_them_out_of_the_set() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    assert_eq!(list(&mut operator, "").await, []);
    assert_eq!(refusal(rotate(&mut operator).await), (Code::FailedPrecondition, "ENCRYPTION_OFF".to_owned()));

    let settings = switch(&mut operator, true).await.expect("switched on").settings.expect("settings");
    assert!(settings.request_object_encryption);
    let keys = list(&mut operator, "").await;
    assert_eq!(states(&keys), (2, 0));
    let mut algorithms: Vec<_> = keys.iter().map(|key| key.algorithms.join(" ")).collect();
    algorithms.sort();
    assert_eq!(algorithms, ["ECDH-ES ECDH-ES+A128KW ECDH-ES+A256KW", "RSA-OAEP-256"]);
    assert!(keys.iter().all(|key| key.replace_time.is_some() && key.destroy_time.is_none()));
    switch(&mut operator, true).await.expect("again");
    assert_eq!(list(&mut operator, "").await, keys, "nothing happens twice");

    switch(&mut operator, false).await.expect("switched off");
    let keys = list(&mut operator, "").await;
    assert_eq!(states(&keys), (0, 2));
    assert!(keys.iter().all(|key| key.replace_time.is_none() && key.destroy_time.is_some()));
    let told: Vec<_> = world
        .store
        .audit()
        .into_iter()
        .filter(|event| event.object.as_ref().is_some_and(|(noun, _)| *noun == Noun::EncryptionKey))
        .collect();
    let actions: Vec<_> = told.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::Created, Action::Created, Action::Withdrawn, Action::Withdrawn]);
    assert!(told.iter().all(|event| event.author.permission == Some("tenants.update")), "it was the operator");
}

#[tokio::test]
async fn a_new_tenant_has_them_at_once_and_the_newer_profile_never() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let mut create = async |profile: Profile| {
        let tenant = Tenant { profile: profile.into(), settings: Some(encrypting(true)), ..Default::default() };
        let request = CreateTenantRequest { tenant_id: "acme".into(), tenant: Some(tenant), ..Default::default() };
        operator.tenants.create_tenant(request).await
    };
    assert_eq!(refusal(create(Profile::Oauth21).await).0, Code::InvalidArgument);
    create(Profile::Oidc).await.expect("created");
    assert_eq!(states(&list(&mut operator, "").await), (2, 0));
}

#[tokio::test]
async fn an_operator_rotates_them_and_destroys_one_that_leaked() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    switch(&mut operator, true).await.expect("switched on");
    let first = list(&mut operator, "").await;
    world.clock.advance(Duration::from_secs(60));
    let rotated = rotate(&mut operator).await.expect("rotated");
    assert_eq!((rotated.published_keys.len(), rotated.withdrawn_keys.len()), (2, 2));
    let mut left: Vec<_> = rotated.withdrawn_keys.iter().map(|key| key.name.clone()).collect();
    left.sort();
    assert_eq!(left, first.iter().map(|key| key.name.clone()).collect::<Vec<_>>());
    assert_eq!(list(&mut operator, "").await.len(), 4);
    assert_eq!(states(&list(&mut operator, "state = withdrawn").await), (0, 2));
    assert!(world.store.audit().iter().any(|event| event.note.as_deref() == Some("a drill")));

    let leaked = &rotated.published_keys[0].name;
    delete(&mut operator, leaked, true).await.expect("tried");
    assert!(list(&mut operator, "").await.iter().any(|key| key.name == *leaked));
    delete(&mut operator, leaked, false).await.expect("destroyed");
    let keys = list(&mut operator, "").await;
    assert!(states(&keys) == (2, 2) && !keys.iter().any(|key| key.name == *leaked), "{keys:?}");
    let gone = (Code::NotFound, "ENCRYPTION_KEY_NOT_FOUND".to_owned());
    assert_eq!(refusal(delete(&mut operator, leaked, false).await), gone);
}

#[tokio::test]
async fn a_client_registers_how_it_encrypts() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let signing = || Client { auth_methods: vec![AuthMethod::PrivateKeyJwt.into()], jwks: JWKS.into(), ..service() };
    let with = |alg: &str, enc: &str| Client {
        name: "tenants/acme/clients/web".into(),
        request_object_encryption_alg: alg.into(),
        request_object_encryption_enc: enc.into(),
        ..signing()
    };
    let told = |client: &Client| {
        [&client.request_object_encryption_alg, &client.request_object_encryption_enc].map(String::clone)
    };
    switch(&mut operator, true).await.expect("switched on");
    let made = create(&mut operator, "web", with("ECDH-ES+A128KW", "A256GCM")).await;
    assert_eq!(told(&made), ["ECDH-ES+A128KW", "A256GCM"]);
    let mut update = async |client: Client| {
        let request = UpdateClientRequest { client: Some(client), update_mask: mask(&["*"]), validate_only: false };
        operator.clients.update_client(request).await.map(Response::into_inner)
    };
    assert_eq!(told(&update(with("RSA-OAEP-256", "")).await.expect("updated")), ["RSA-OAEP-256", "A128CBC-HS256"]);
    assert_eq!(told(&update(with("", "")).await.expect("updated")), ["", ""]);
    for (alg, enc) in [("", "A128GCM"), ("RSA1_5", "A128GCM"), ("dir", ""), ("RSA-OAEP-256", "A192GCM")] {
        assert_eq!(refusal(update(with(alg, enc)).await).0, Code::InvalidArgument, "{alg} {enc}");
    }
    let keyless = Client { auth_methods: service().auth_methods, jwks: String::new(), ..with("RSA-OAEP-256", "") };
    assert_eq!(refusal(update(keyless).await).0, Code::InvalidArgument);
}

async fn send(operator: &mut Caller, client: Client) -> Result<Client, Status> {
    let request = UpdateClientRequest { client: Some(client), update_mask: mask(&["*"]), validate_only: false };
    operator.clients.update_client(request).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_client_encrypts_to_no_tenant_that_takes_nothing_encrypted() {
    let world = World::new().await;
    world.oidc_tenant("acme").await;
    let mut operator = world.operator().await;
    let with = |alg: &str| Client {
        name: "tenants/acme/clients/web".into(),
        auth_methods: vec![AuthMethod::PrivateKeyJwt.into()],
        jwks: JWKS.into(),
        request_object_encryption_alg: alg.into(),
        ..service()
    };
    let off = || (Code::FailedPrecondition, "ENCRYPTION_OFF".to_owned());
    let request = CreateClientRequest {
        parent: "tenants/acme".into(),
        client_id: "web".into(),
        client: Some(with("ECDH-ES")),
        ..Default::default()
    };
    assert_eq!(refusal(operator.clients.create_client(request).await), off());
    create(&mut operator, "web", with("")).await;
    assert_eq!(refusal(send(&mut operator, with("ECDH-ES")).await), off());

    switch(&mut operator, true).await.expect("switched on");
    send(&mut operator, with("ECDH-ES")).await.expect("taken");
    // What it had before waits: it is neither in the way of the switch, nor of its other changes.
    switch(&mut operator, false).await.expect("switched off");
    let renamed = Client { display_name: "Web".into(), ..with("ECDH-ES") };
    assert_eq!(send(&mut operator, renamed).await.expect("changed").request_object_encryption_alg, "ECDH-ES");
    assert_eq!(refusal(send(&mut operator, with("RSA-OAEP-256")).await), off());
    send(&mut operator, with("")).await.expect("taken back");
    assert_eq!(refusal(send(&mut operator, with("ECDH-ES")).await), off());
}

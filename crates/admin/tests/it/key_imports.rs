//! Keys that operators bring: what they become, and what is refused.

use chancery_domain::{audit::Actor, time::Clock};
use chancery_keys::rotate::look_after;
use chancery_proto::v1::{
    ImportKeyRequest, Key, KeyPolicy, ListKeysRequest, Tenant, TenantSettings, UpdateTenantRequest,
    key::{Origin, State},
};
use tonic::Code;

use crate::{
    keys::{policy, rotate, update},
    world::{Caller, World, mask, metadata, refusal},
};

const RSA: &str = include_str!("../../../keys/tests/fixtures/import/rsa/pkcs8.pem");
const RSA_PUBLIC: &str = include_str!("../../../keys/tests/fixtures/import/rsa/spki.pem");
const RSA_LOCKED: &str = include_str!("../../../keys/tests/fixtures/import/rsa/pkcs8-encrypted.pem");
const RSA_1024: &str = include_str!("../../../keys/tests/fixtures/import/foreign/rsa-1024.pem");
const P256: &str = include_str!("../../../keys/tests/fixtures/import/p256/pkcs8.pem");
const P384: &str = include_str!("../../../keys/tests/fixtures/import/p384/pkcs8.pem");
const CERTIFICATE: &str = include_str!("../../../keys/tests/fixtures/import/foreign/certificate.pem");

fn import(material: &str) -> ImportKeyRequest {
    ImportKeyRequest { parent: "tenants/acme".into(), material: material.into(), ..Default::default() }
}

async fn keys(caller: &mut Caller) -> Vec<Key> {
    let request = ListKeysRequest { parent: "tenants/acme".into(), ..Default::default() };
    caller.keys.list_keys(request).await.expect("listed").into_inner().keys
}

#[tokio::test]
async fn an_imported_key_is_announced_and_takes_over_at_the_next_rotation() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let before = keys(&mut operator).await;
    let request = ImportKeyRequest { key_id: "theirs".into(), ..import(P256) };
    let trial = ImportKeyRequest { validate_only: true, ..request.clone() };
    let told = operator.keys.import_key(trial).await.expect("tried").into_inner();
    assert_eq!((told.name.as_str(), told.state()), ("tenants/acme/keys/theirs", State::Standby));
    assert_eq!(keys(&mut operator).await, before, "a trial changes nothing");

    let done = operator.keys.import_key(request).await.expect("imported").into_inner();
    assert_eq!(
        (done.name.as_str(), done.state(), done.origin()),
        (told.name.as_str(), State::Standby, Origin::Imported)
    );
    assert_eq!(refusal(operator.keys.rotate_keys(rotate()).await).1, "KEY_NOT_ANNOUNCED");
    // The worker comes by and sees it announced.
    let tenant = acme.uid.parse().expect("a uid");
    look_after(&world.keys, tenant, Actor::System).await.expect("looked after");
    world.clock.advance(std::time::Duration::from_secs(26 * 3600));
    let mut operator = world.operator().await;
    let rotated = operator.keys.rotate_keys(rotate()).await.expect("rotated").into_inner();
    assert_eq!(rotated.activated_keys[0].name, "tenants/acme/keys/theirs");
}

#[tokio::test]
async fn a_public_key_verifies_until_it_is_told_to_go() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let until = prost_types::Timestamp { seconds: world.clock.now().seconds() + 3600, nanos: 0 };
    let request = ImportKeyRequest {
        algorithm: "RS256".into(),
        key_id: "old".into(),
        verify_until_time: Some(until),
        ..import(RSA_PUBLIC)
    };
    let key = operator.keys.import_key(request).await.expect("imported").into_inner();
    assert_eq!((key.state(), key.retire_time), (State::Retiring, Some(until)));
}

#[tokio::test]
async fn bad_material_is_refused_with_the_field_and_the_way_out() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let before = keys(&mut operator).await;
    let with = |algorithm: &str, material: &str| ImportKeyRequest { algorithm: algorithm.into(), ..import(material) };
    let wrong = ImportKeyRequest { passphrase: "guess".into(), ..with("RS256", RSA_LOCKED) };
    for (request, field, said) in [
        (with("RS256", RSA_1024), "material", "2048"),
        (with("ES256", P384), "algorithm", "P-384"),
        (with("RS256", RSA_LOCKED), "passphrase", "passphrase"),
        (wrong, "passphrase", "passphrase"),
        (import(RSA), "algorithm", "RS256"),
        (import(CERTIFICATE), "material", "openssl x509 -pubkey"),
        (import(""), "material", "empty"),
        (import("hello"), "material", "PKCS#8"),
    ] {
        let refused = operator.keys.import_key(request).await;
        assert_eq!(metadata(&refused, "field"), field, "{said}");
        let message = refused.as_ref().expect_err("refused").message().to_owned();
        assert!(message.contains(said), "{said}: {message}");
        assert_eq!(refusal(refused), (Code::InvalidArgument, "KEY_MATERIAL_INVALID".to_owned()), "{said}");
    }
    let refused = operator.keys.import_key(with("RS256", RSA)).await;
    let (field, said) = (metadata(&refused, "field"), refused.as_ref().expect_err("refused").message().to_owned());
    assert!(field == "algorithm" && said.contains("RS256"), "the policy signs with ES256 alone: {said}");
    let known = ImportKeyRequest { already_known: true, ..import(P256) };
    assert_eq!(metadata(&operator.keys.import_key(known).await, "field"), "reason");
    assert_eq!(keys(&mut operator).await, before);

    operator.keys.import_key(import(P256)).await.expect("imported");
    let twice = operator.keys.import_key(ImportKeyRequest { key_id: "again".into(), ..import(P256) }).await;
    assert_eq!(refusal(twice), (Code::AlreadyExists, "KEY_EXISTS".to_owned()));
}

#[tokio::test]
async fn ml_dsa_is_for_tenants_that_ask_for_it() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let wanted = || {
        let both = KeyPolicy { algorithms: vec!["ES256".into(), "ML-DSA-65".into()], ..Default::default() };
        update(both, &["algorithms"])
    };
    let refused = operator.keys.update_key_policy(wanted()).await;
    assert_eq!(metadata(&refused, "field"), "key_policy.algorithms[1]");
    let setting = |ml_dsa| {
        let settings = TenantSettings { ml_dsa, ..Default::default() };
        let tenant = Tenant { name: "tenants/acme".into(), settings: Some(settings), ..Default::default() };
        UpdateTenantRequest { tenant: Some(tenant), update_mask: mask(&["settings.ml_dsa"]), ..Default::default() }
    };
    operator.tenants.update_tenant(setting(true)).await.expect("asked for");
    operator.keys.update_key_policy(wanted()).await.expect("named");
    assert_eq!(policy(&mut operator).await.algorithms, ["ES256", "ML-DSA-65"]);
    let refused = operator.tenants.update_tenant(setting(false)).await;
    assert_eq!(metadata(&refused, "field"), "tenant.settings.ml_dsa");
}

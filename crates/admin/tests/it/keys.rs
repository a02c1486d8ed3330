//! Keys and their policy.

use std::time::Duration;

use chancery_domain::{audit::AuditEvent, key_policy::Margins, time::Clock};
use chancery_proto::v1::{
    GetKeyPolicyRequest, GetKeyRequest, KeyPolicy, ListKeysRequest, RotateKeysRequest, UpdateKeyPolicyRequest,
    key::State,
};
use tonic::Code;

use crate::world::{Caller, World, mask, metadata, refusal, seconds};

fn rotate() -> RotateKeysRequest {
    RotateKeysRequest { parent: "tenants/acme".into(), ..Default::default() }
}

async fn policy(caller: &mut Caller) -> KeyPolicy {
    let request = GetKeyPolicyRequest { name: "tenants/acme/keyPolicy".into() };
    caller.keys.get_key_policy(request).await.expect("got").into_inner()
}

fn update(key_policy: KeyPolicy, paths: &[&str]) -> UpdateKeyPolicyRequest {
    let key_policy = KeyPolicy { name: "tenants/acme/keyPolicy".into(), ..key_policy };
    UpdateKeyPolicyRequest { key_policy: Some(key_policy), update_mask: mask(paths), ..Default::default() }
}

#[tokio::test]
async fn a_rotation_waits_until_verifiers_know_the_standby_key() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let early = operator.keys.rotate_keys(rotate()).await;
    assert_eq!(metadata(&early, "earliest_time"), "2026-03-02T14:00:00Z");
    assert_eq!(refusal(early), (Code::FailedPrecondition, "KEY_NOT_ANNOUNCED".to_owned()));
    let trial = RotateKeysRequest { validate_only: true, ..rotate() };
    assert_eq!(refusal(operator.keys.rotate_keys(trial.clone()).await).1, "KEY_NOT_ANNOUNCED");

    world.clock.advance(Duration::from_secs(26 * 3600));
    let mut operator = world.operator().await;
    let tried = operator.keys.rotate_keys(trial).await.expect("tried").into_inner();
    let done = operator.keys.rotate_keys(rotate()).await.expect("rotated").into_inner();
    assert_eq!(tried.activated_keys[0].name, done.activated_keys[0].name);
    assert_eq!(done.activated_keys[0].state(), State::Active);
    assert_eq!(done.retiring_keys[0].state(), State::Retiring);
    assert_eq!(done.standby_keys[0].state(), State::Standby);
    let retire = done.retiring_keys[0].retire_time.expect("retires").seconds;
    assert_eq!(retire, world.clock.now().seconds() + 25 * 3600);
    assert!(done.next_rotation_time.is_some());

    let list = ListKeysRequest { parent: "tenants/acme".into(), ..Default::default() };
    let listed = operator.keys.list_keys(list).await.expect("listed").into_inner().keys;
    assert_eq!(listed[0].name, done.standby_keys[0].name, "newest first");
    let got = operator.keys.get_key(GetKeyRequest { name: listed[0].name.clone() }).await.expect("got").into_inner();
    assert_eq!(got, listed[0]);
}

#[tokio::test]
async fn who_does_not_wait_says_why() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let immediate = RotateKeysRequest { immediate: true, ..rotate() };
    assert_eq!(refusal(operator.keys.rotate_keys(immediate.clone()).await).1, "FIELD_INVALID");
    let reasoned = RotateKeysRequest { reason: "drill".into(), ..immediate };
    assert!(operator.keys.rotate_keys(reasoned).await.is_ok());
    let told = |event: &AuditEvent| event.reason == Some("immediate") && event.note.as_deref() == Some("drill");
    assert!(world.store.audit().iter().any(told));
    for algorithm in ["RS256", "none"] {
        let other = RotateKeysRequest { algorithm: algorithm.into(), ..rotate() };
        assert_eq!(refusal(operator.keys.rotate_keys(other).await).1, "FIELD_INVALID", "{algorithm}");
    }
}

#[tokio::test]
async fn an_unsafe_policy_is_refused_with_the_figure() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let hasty = KeyPolicy { announce: seconds(3600), ..Default::default() };
    let refused = operator.keys.update_key_policy(update(hasty, &["announce"])).await;
    assert_eq!(metadata(&refused, "minimum_seconds"), (25 * 3600 + 60).to_string());
    assert_eq!(refusal(refused), (Code::InvalidArgument, "KEY_POLICY_UNSAFE".to_owned()));
    let short = KeyPolicy { longest_token_life: seconds(60), ..Default::default() };
    let refused = operator.keys.update_key_policy(update(short, &["longest_token_life"])).await;
    assert_eq!(metadata(&refused, "field"), "key_policy.longest_token_life");
    let twice = KeyPolicy { algorithms: vec!["ES256".into(), "ES256".into()], ..Default::default() };
    assert_eq!(refusal(operator.keys.update_key_policy(update(twice, &["algorithms"])).await).1, "FIELD_INVALID");
    let foreign = KeyPolicy { default_algorithm: "RS256".into(), ..Default::default() };
    let refused = operator.keys.update_key_policy(update(foreign, &["default_algorithm"])).await;
    assert_eq!(metadata(&refused, "field"), "key_policy.default_algorithm");
}

#[tokio::test]
async fn a_new_algorithm_gets_its_keys_and_becomes_the_default_in_time() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let both = KeyPolicy { algorithms: vec!["EdDSA".into(), "ES256".into()], ..Default::default() };
    let first = operator.keys.update_key_policy(update(both, &["algorithms"])).await.expect("updated").into_inner();
    assert_eq!(
        (first.algorithms.as_slice(), first.default_algorithm.as_str()),
        (&["ES256", "EdDSA"].map(String::from)[..], "ES256")
    );
    let list = ListKeysRequest { parent: "tenants/acme".into(), ..Default::default() };
    assert_eq!(operator.keys.list_keys(list).await.expect("listed").into_inner().keys.len(), 4);

    let turn = || update(KeyPolicy { default_algorithm: "EdDSA".into(), ..Default::default() }, &["default_algorithm"]);
    let early = operator.keys.update_key_policy(turn()).await;
    assert_eq!(metadata(&early, "earliest_time"), "2026-03-02T14:00:00Z");
    assert_eq!(refusal(early).1, "KEY_NOT_ANNOUNCED");
    world.clock.advance(Duration::from_secs(26 * 3600));
    let mut operator = world.operator().await;
    assert!(operator.keys.update_key_policy(turn()).await.is_ok());
    assert_eq!(policy(&mut operator).await.default_algorithm, "EdDSA");
}

#[tokio::test]
async fn without_margins_a_policy_of_seconds_can_be_tried() {
    let quick = || KeyPolicy {
        period: seconds(20),
        announce: seconds(5),
        retain: seconds(10),
        max_age: seconds(5),
        verifier_cache: seconds(5),
        longest_token_life: seconds(10),
        ..Default::default()
    };
    let paths = ["period", "announce", "retain", "max_age", "verifier_cache", "longest_token_life"];
    let shorten = |tenant: &str| {
        let settings = chancery_proto::v1::TenantSettings {
            access_token_ttl: seconds(10),
            id_token_ttl: seconds(10),
            ..Default::default()
        };
        let tenant = chancery_proto::v1::Tenant { name: tenant.into(), settings: Some(settings), ..Default::default() };
        chancery_proto::v1::UpdateTenantRequest { tenant: Some(tenant), update_mask: None }
    };
    for margins in [Margins::STANDARD, Margins::NONE] {
        let world = World::with_margins(margins).await;
        let acme = world.tenant("acme").await;
        let mut operator = world.operator().await;
        operator.tenants.update_tenant(shorten(&acme.name)).await.expect("updated");
        let answer = operator.keys.update_key_policy(update(quick(), &paths)).await;
        assert_eq!(answer.is_err(), margins.count());
        assert_eq!(policy(&mut operator).await.margins, margins.count());
    }
}

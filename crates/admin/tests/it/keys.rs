//! Keys and their policy.

use std::time::Duration;

use chancery_domain::{audit::AuditEvent, key_policy::Margins, time::Clock};
use chancery_proto::v1::{
    GetKeyPolicyRequest, GetKeyRequest, KeyPolicy, ListKeysRequest, RotateKeysRequest, UpdateKeyPolicyRequest,
    key::{Origin, State},
};
use tonic::Code;

use crate::world::{Caller, World, mask, metadata, refusal, seconds};

pub(crate) fn rotate() -> RotateKeysRequest {
    RotateKeysRequest { parent: "tenants/acme".into(), ..Default::default() }
}

pub(crate) async fn policy(caller: &mut Caller) -> KeyPolicy {
    let request = GetKeyPolicyRequest { name: "tenants/acme/keyPolicy".into() };
    caller.keys.get_key_policy(request).await.expect("got").into_inner()
}

pub(crate) fn update(key_policy: KeyPolicy, paths: &[&str]) -> UpdateKeyPolicyRequest {
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
    // What it signed lives for ten minutes; the rest is for views that lag and clocks that disagree.
    assert_eq!(retire, world.clock.now().seconds() + 600 + 30 + 2 * 60);
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
async fn sixty_four_at_once_rotate_once() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    world.clock.advance(Duration::from_secs(26 * 3600));
    let operator = world.operator().await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let mut caller = operator.clone();
        calls.spawn(async move { caller.keys.rotate_keys(rotate()).await });
    }
    let (done, refused): (Vec<_>, Vec<_>) = calls.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    for one in refused {
        let (_, reason) = refusal(one);
        assert!(reason == "KEYSET_CHANGED" || reason == "KEY_NOT_ANNOUNCED", "{reason}");
    }
    assert_eq!(world.store.keys(acme.uid.parse().expect("a uid")).len(), 3);
}

#[tokio::test]
async fn a_key_tells_of_itself() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let list = ListKeysRequest { parent: "tenants/acme".into(), ..Default::default() };
    let keys = operator.keys.list_keys(list).await.expect("listed").into_inner().keys;
    let active = keys.iter().find(|key| key.state() == State::Active).expect("one signs");
    assert_eq!((active.origin(), active.size_bits), (Origin::Made, 256));
    assert_eq!(active.thumbprint.len(), 43);
    assert_eq!(active.promised_life, seconds(600));
    let standby = keys.iter().find(|key| key.state() == State::Standby).expect("one waits");
    assert_eq!(standby.promised_life, None, "it has signed nothing");
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
        chancery_proto::v1::UpdateTenantRequest { tenant: Some(tenant), update_mask: None, ..Default::default() }
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

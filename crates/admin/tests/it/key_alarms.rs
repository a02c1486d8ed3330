//! The bad day: keys that are suspected, and keys that others have.

use std::time::Duration;

use chancery_domain::{audit::Action, time::Clock};
use chancery_proto::v1::{
    CompromiseKeyRequest, CompromiseTenantKeysRequest, Key, ListKeysRequest, TaintKeyRequest, key::State,
};
use tonic::Code;

use crate::world::{Caller, World, metadata, refusal};

const ID: &str = "5f7c1c1e-9a3f-4d43-9b6c-0d2f5a2b7c11";

pub(crate) async fn keys(caller: &mut Caller, tenant: &str) -> Vec<Key> {
    let request = ListKeysRequest { parent: format!("tenants/{tenant}"), ..Default::default() };
    caller.keys.list_keys(request).await.expect("listed").into_inner().keys
}

fn one(keys: &[Key], state: State) -> Key {
    keys.iter().find(|key| key.state() == state).expect("one of that state").clone()
}

fn taint(key: &Key) -> TaintKeyRequest {
    TaintKeyRequest { name: key.name.clone(), reason: "odd traffic".into(), ..Default::default() }
}

fn compromise(key: &Key) -> CompromiseKeyRequest {
    CompromiseKeyRequest { name: key.name.clone(), reason: "seen on a forum".into(), ..Default::default() }
}

fn all() -> CompromiseTenantKeysRequest {
    CompromiseTenantKeysRequest { parent: "tenants/acme".into(), reason: "stolen".into(), ..Default::default() }
}

#[tokio::test]
async fn a_suspected_key_gives_way_to_the_standby_key_and_stays_published() {
    let world = World::new().await;
    world.tenant("acme").await;
    let ready = world.clock.now().seconds() + 26 * 3600;
    world.clock.advance(Duration::from_secs(30 * 3600));
    let mut operator = world.operator().await;
    let before = keys(&mut operator, "acme").await;
    let (active, standby) = (one(&before, State::Active), one(&before, State::Standby));

    let trial = TaintKeyRequest { validate_only: true, ..taint(&active) };
    let preview = operator.keys.taint_key(trial).await.expect("tried").into_inner();
    assert_eq!(keys(&mut operator, "acme").await, before, "a preview changes nothing");
    let done = operator.keys.taint_key(taint(&active)).await.expect("tainted").into_inner();
    assert_eq!((done.gone_keys.len(), done.activated_keys.len(), done.standby_keys.len()), (1, 1, 1));
    assert_eq!((&done.gone_keys[0].name, done.gone_keys[0].state()), (&active.name, State::Tainted));
    assert_eq!((&done.activated_keys[0].name, done.activated_keys[0].state()), (&standby.name, State::Active));
    assert_eq!(done.verifiers_ready_time.expect("known").seconds, ready);
    let now = world.clock.now().seconds();
    assert_eq!(done.tokens_expire_time.expect("a promise").seconds, now + 600 + 30 + 2 * 60);
    assert!(done.next_rotation_time.is_some());
    assert_eq!(preview.gone_keys[0].name, done.gone_keys[0].name);
    assert_eq!(preview.activated_keys[0].name, done.activated_keys[0].name);
    assert_eq!(
        (preview.verifiers_ready_time, preview.tokens_expire_time, preview.next_rotation_time),
        (done.verifiers_ready_time, done.tokens_expire_time, done.next_rotation_time,)
    );

    let note = |action| {
        let events = world.store.audit().into_iter().filter(|event| event.action == action);
        events.filter_map(|event| event.note).collect::<Vec<_>>()
    };
    assert_eq!(note(Action::KeyTainted), ["odd traffic"]);
    let again = operator.keys.taint_key(taint(&active)).await;
    assert_eq!(metadata(&again, "state"), "tainted");
    assert_eq!(refusal(again), (Code::FailedPrecondition, "KEY_STATE".to_owned()));

    // What was suspected may turn out to be worse.
    let worse = operator.keys.compromise_key(compromise(&active)).await.expect("given up").into_inner();
    assert_eq!(worse.gone_keys[0].state(), State::Compromised);
    assert!(worse.activated_keys.is_empty() && worse.standby_keys.is_empty());
    assert_eq!(note(Action::KeyCompromised), ["seen on a forum"]);
}

#[tokio::test]
async fn who_gives_a_key_up_is_told_when_verifiers_know_the_next() {
    let world = World::new().await;
    world.tenant("acme").await;
    let ready = world.clock.now().seconds() + 26 * 3600;
    let mut operator = world.operator().await;
    let active = one(&keys(&mut operator, "acme").await, State::Active);
    let done = operator.keys.compromise_key(compromise(&active)).await.expect("given up").into_inner();
    assert_eq!(done.verifiers_ready_time.expect("ahead").seconds, ready);
    let gone = &done.gone_keys[0];
    assert_eq!((gone.state(), gone.retire_time), (State::Compromised, gone.deactivate_time));
}

#[tokio::test]
async fn the_last_key_is_not_given_up_unless_a_key_that_nobody_knows_may_sign() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let everything = CompromiseTenantKeysRequest { include_standby: true, ..all() };
    let refused = operator.keys.compromise_tenant_keys(everything.clone()).await;
    assert_eq!(metadata(&refused, "algorithm"), "ES256");
    assert!(refused.as_ref().expect_err("refused").message().contains("allow_unannounced"), "{refused:?}");
    assert_eq!(refusal(refused), (Code::FailedPrecondition, "LAST_KEY".to_owned()));

    let allowed = CompromiseTenantKeysRequest { allow_unannounced: true, ..everything };
    let done = operator.keys.compromise_tenant_keys(allowed).await.expect("given up").into_inner();
    assert_eq!((done.gone_keys.len(), done.activated_keys.len(), done.standby_keys.len()), (2, 1, 1));
    assert_eq!(done.verifiers_ready_time.expect("ahead").seconds, world.clock.now().seconds() + 26 * 3600);
    assert_eq!(keys(&mut operator, "acme").await.len(), 4);
}

#[tokio::test]
async fn the_keys_of_a_tenant_that_have_signed_go_together() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let other = CompromiseTenantKeysRequest { algorithm: "RS256".into(), ..all() };
    let none = operator.keys.compromise_tenant_keys(other).await.expect("nothing to do").into_inner();
    assert!(none.gone_keys.is_empty());
    let unknown = CompromiseTenantKeysRequest { algorithm: "none".into(), ..all() };
    assert_eq!(metadata(&operator.keys.compromise_tenant_keys(unknown).await, "field"), "algorithm");
    let trial = CompromiseTenantKeysRequest { validate_only: true, ..all() };
    let before = keys(&mut operator, "acme").await;
    let preview = operator.keys.compromise_tenant_keys(trial).await.expect("tried").into_inner();
    assert_eq!(keys(&mut operator, "acme").await, before);
    let named = CompromiseTenantKeysRequest { request_id: ID.into(), ..all() };
    let done = operator.keys.compromise_tenant_keys(named.clone()).await.expect("given up").into_inner();
    assert_eq!(preview.gone_keys[0].name, done.gone_keys[0].name);
    let again = operator.keys.compromise_tenant_keys(named).await.expect("answered").into_inner();
    assert_eq!(done, again, "a repeated request does not hit the key that took over");
    assert_eq!(keys(&mut operator, "acme").await.len(), 3);
}

#[tokio::test]
async fn an_order_is_read_with_care() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let active = one(&keys(&mut operator, "acme").await, State::Active);
    for reason in ["", "  "] {
        let silent = TaintKeyRequest { reason: reason.into(), ..taint(&active) };
        assert_eq!(metadata(&operator.keys.taint_key(silent).await, "field"), "reason");
        let silent = CompromiseKeyRequest { reason: reason.into(), ..compromise(&active) };
        assert_eq!(metadata(&operator.keys.compromise_key(silent).await, "field"), "reason");
        let silent = CompromiseTenantKeysRequest { reason: reason.into(), ..all() };
        assert_eq!(metadata(&operator.keys.compromise_tenant_keys(silent).await, "field"), "reason");
    }
    let stale = CompromiseKeyRequest { etag: "\"old\"".into(), ..compromise(&active) };
    let refused = operator.keys.compromise_key(stale).await;
    assert_eq!(metadata(&refused, "current_etag"), active.etag);
    assert_eq!(refusal(refused), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    let absent = Key { name: "tenants/acme/keys/AAAAAAAAAAAAAAAAAAAAAA".into(), ..Default::default() };
    assert_eq!(refusal(operator.keys.taint_key(taint(&absent)).await), (Code::NotFound, "KEY_NOT_FOUND".to_owned()));

    let named = TaintKeyRequest { request_id: ID.into(), etag: active.etag.clone(), ..taint(&active) };
    let done = operator.keys.taint_key(named.clone()).await.expect("tainted").into_inner();
    assert_eq!(operator.keys.taint_key(named.clone()).await.expect("answered").into_inner(), done);
    let other = TaintKeyRequest { reason: "another".into(), ..named };
    assert_eq!(refusal(operator.keys.taint_key(other).await).1, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn sixteen_at_once_give_a_key_up_once() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let active = one(&keys(&mut operator, "acme").await, State::Active);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (mut caller, request) = (operator.clone(), compromise(&active));
        calls.spawn(async move { caller.keys.compromise_key(request).await });
    }
    let (done, refused): (Vec<_>, Vec<_>) = calls.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    // Whoever was overtaken looks again, and finds it done.
    for one in refused {
        assert_eq!(refusal(one), (Code::FailedPrecondition, "KEY_STATE".to_owned()));
    }
    assert_eq!(keys(&mut operator, "acme").await.len(), 3);
}

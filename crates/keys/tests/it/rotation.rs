//! A key's way through its life, and what happens when many push at once.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor},
    id::TenantId,
    key_policy::HINT_HORIZON,
    ports::jose::{SignTokens, Untrusted, VerifyTokens},
    time::Clock,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::rotate::{self, Ask, RotateError};
use serde_json::Value;

use crate::world::{World, policy};

const CALM: Ask = Ask::Now { algorithm: None, immediate: false };
const AT_ONCE: Ask = Ask::Now { algorithm: None, immediate: true };

impl World {
    pub(crate) async fn rotate(&self, tenant: TenantId, ask: Ask) -> Result<rotate::Applied, RotateError> {
        let prepared = rotate::prepare(&self.cx, tenant, ask).await?;
        rotate::apply(&self.cx, prepared, Actor::System).await
    }

    /// Takes every step that is due.
    pub(crate) async fn work_off(&self, tenant: TenantId) {
        while self.store.due(tenant).expect("a schedule") <= self.clock.now() {
            self.rotate(tenant, Ask::Due).await.expect("rotated");
        }
    }

    async fn kids(&self, tenant: TenantId) -> Vec<String> {
        let set: Value = serde_json::from_slice(&self.jwk_set(tenant).await).expect("a JWK Set");
        let kid = |key: &Value| key["kid"].as_str().map(str::to_owned);
        set["keys"].as_array().expect("keys").iter().filter_map(kid).collect()
    }
}

#[tokio::test]
async fn a_tenant_begins_with_an_active_and_a_standby_key_of_each_algorithm() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256, Algorithm::EdDsa]).await;
    for label in ["active", "standby"] {
        let algorithms: Vec<_> = world.in_state(tenant.id, label).iter().map(|key| key.algorithm).collect();
        assert_eq!(algorithms, [Algorithm::Es256, Algorithm::EdDsa]);
    }
    assert_eq!(world.kids(tenant.id).await.len(), 4);
    let due = world.store.due(tenant.id).expect("a schedule");
    let days = due.since(world.clock.now()).as_secs() / 86_400;
    assert!((28..=31).contains(&days), "{days}");
}

#[tokio::test]
async fn a_rotation_before_the_announcement_is_refused_with_the_time() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let (first, second) = (world.the(tenant.id, "active"), world.the(tenant.id, "standby"));
    let announce = policy(&[]).announce;
    let opens = world.clock.now() + announce;

    let refused = world.rotate(tenant.id, CALM).await;
    assert!(matches!(refused, Err(RotateError::NotYet { from }) if from == opens), "{refused:?}");
    world.clock.advance(announce.checked_sub(Duration::from_secs(1)).expect("longer"));
    assert!(matches!(world.rotate(tenant.id, CALM).await, Err(RotateError::NotYet { from }) if from == opens));
    assert_eq!(world.the(tenant.id, "active").id, first.id, "nothing was written");

    world.clock.advance(Duration::from_secs(1));
    world.rotate(tenant.id, CALM).await.expect("rotated");
    assert_eq!(world.the(tenant.id, "active").id, second.id);
    assert_eq!(world.the(tenant.id, "retiring").id, first.id);

    let again = world.rotate(tenant.id, CALM).await;
    assert!(matches!(again, Err(RotateError::NotYet { from }) if from == opens + announce), "{again:?}");
    world.rotate(tenant.id, AT_ONCE).await.expect("rotated");
    assert_eq!(world.in_state(tenant.id, "retiring").len(), 2);
    let other = Ask::Now { algorithm: Some(Algorithm::Rs256), immediate: false };
    assert!(matches!(world.rotate(tenant.id, other).await, Err(RotateError::NoSuchAlgorithm)));
}

#[tokio::test]
async fn a_key_lives_from_its_announcement_to_its_purge() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let first = world.the(tenant.id, "active").id;
    let token = world.ring(tenant.id).await.sign(Algorithm::Es256, TokenType::IdToken, b"{}").await.expect("signed");

    world.clock.advance(world.store.due(tenant.id).expect("a schedule").since(world.clock.now()));
    world.work_off(tenant.id).await;
    let old = world.the(tenant.id, "retiring");
    assert_eq!((old.id == first, old.private.is_some()), (true, true));
    assert!(world.kids(tenant.id).await.contains(&first.to_string()));

    world.clock.advance(world.cx.margins.destroy_after());
    world.work_off(tenant.id).await;
    assert!(world.the(tenant.id, "retiring").private.is_none());
    assert!(world.ring(tenant.id).await.verify(&token, TokenType::IdToken).is_ok());

    // A token lives for ten minutes here: the key leaves the set when the last of them is over, and not a day later.
    let retire_at = old.state().retire_at().expect("a date");
    assert_eq!(retire_at, world.clock.now() + Duration::from_secs(600 + 60), "Vs + L + 2S after it stopped");
    world.clock.advance((retire_at - Duration::from_millis(1)).since(world.clock.now()));
    world.work_off(tenant.id).await;
    assert!(world.ring(tenant.id).await.verify(&token, TokenType::IdToken).is_ok());
    world.clock.advance(Duration::from_millis(1));
    world.work_off(tenant.id).await;
    assert_eq!(world.the(tenant.id, "retired").id, first);
    assert!(!world.kids(tenant.id).await.contains(&first.to_string()));
    let ring = world.ring(tenant.id).await;
    assert_eq!(ring.verify(&token, TokenType::IdToken).err(), Some(Untrusted::UnknownKey));
    assert!(ring.verify_hint(&token).is_ok(), "an old logout hint");

    world.clock.advance(HINT_HORIZON);
    world.work_off(tenant.id).await;
    assert_eq!(world.the(tenant.id, "purged").id, first);
    assert_eq!(world.ring(tenant.id).await.verify_hint(&token).err(), Some(Untrusted::UnknownKey));

    let told =
        world.store.audit().into_iter().filter(|event| event.object.as_ref().is_some_and(|o| o.1 == first.as_str()));
    let actions: Vec<_> = told.map(|event| event.action).collect();
    assert_eq!(actions, [Action::Disabled, Action::KeyDestroyed, Action::KeyRetired, Action::KeyPurged]);
}

#[tokio::test]
async fn of_two_rotations_prepared_together_one_is_written() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256, Algorithm::EdDsa]).await;
    world.clock.advance(policy(&[]).announce);
    let one = rotate::prepare(&world.cx, tenant.id, CALM).await.expect("prepared");
    let two = rotate::prepare(&world.cx, tenant.id, CALM).await.expect("prepared");
    let (one, two) =
        tokio::join!(rotate::apply(&world.cx, one, Actor::System), rotate::apply(&world.cx, two, Actor::System));
    let lost = |result: &Result<_, RotateError>| matches!(result, Err(RotateError::Changed));
    assert!(one.is_ok() && lost(&two) || two.is_ok() && lost(&one), "{one:?} {two:?}");
    assert_eq!(world.in_state(tenant.id, "retiring").len(), 2, "one rotation of two algorithms");
    assert_eq!(world.in_state(tenant.id, "active").len(), 2);
    assert_eq!(world.in_state(tenant.id, "standby").len(), 2);
}

#[tokio::test]
async fn the_clock_and_an_operator_together_rotate_once() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    world.clock.advance(world.store.due(tenant.id).expect("a schedule").since(world.clock.now()));
    let clock = rotate::prepare(&world.cx, tenant.id, Ask::Due).await.expect("prepared");
    world.rotate(tenant.id, AT_ONCE).await.expect("rotated");
    let late = rotate::apply(&world.cx, clock, Actor::System).await;
    assert!(matches!(late, Err(RotateError::Changed)), "{late:?}");
    assert_eq!(world.in_state(tenant.id, "retiring").len(), 1);
    world.work_off(tenant.id).await;
    assert_eq!(world.in_state(tenant.id, "retiring").len(), 1, "the plan sees that it was done");
}

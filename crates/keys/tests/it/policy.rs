//! Changing the policy keeps every verifier able to verify.

use std::time::Duration;

use chancery_domain::{
    audit::Actor, id::TenantId, key_policy::KeyPolicy, ports::store::Store, time::Clock, vocabulary::Algorithm,
};
use chancery_keys::{
    policy::{self, AppliedPolicy, PolicyError},
    rotate::{self, Ask, RotateError},
};

use crate::world::World;

impl World {
    async fn policy(&self, tenant: TenantId) -> KeyPolicy {
        Store::read(&self.store, tenant).keys().policy().await.expect("a policy")
    }

    /// Changes the algorithms and nothing else.
    async fn change(&self, tenant: TenantId, algorithms: &[Algorithm]) -> Result<AppliedPolicy, PolicyError> {
        let new = KeyPolicy { algorithms: algorithms.to_vec(), ..self.policy(tenant).await };
        let prepared = policy::prepare(&self.cx, tenant, &new).await?;
        let tx = Store::begin(&self.store, tenant).await?;
        let applied = policy::write(tx.as_ref(), &prepared, Actor::System, self.clock.now()).await?;
        tx.commit().await?;
        Ok(applied)
    }
}

#[tokio::test]
async fn an_algorithm_that_is_added_is_announced_first() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let applied = world.change(tenant.id, &[Algorithm::Es256, Algorithm::EdDsa]).await.expect("changed");
    assert_eq!(applied.version, world.policy(tenant.id).await.version);
    assert_eq!(world.the(tenant.id, "active").algorithm, Algorithm::Es256);
    assert_eq!(world.in_state(tenant.id, "standby").len(), 2);
    let announce = world.policy(tenant.id).await.announce;
    world.work_off(tenant.id).await;
    assert_eq!(world.store.due(tenant.id), Some(world.clock.now() + announce));

    world.clock.advance(announce);
    world.work_off(tenant.id).await;
    assert_eq!(world.in_state(tenant.id, "active").len(), 2);
    assert_eq!(world.in_state(tenant.id, "standby").len(), 2);
}

#[tokio::test]
async fn a_new_default_takes_over_by_itself_once_every_verifier_knows_it() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let (old, new) = (Algorithm::Es256, Algorithm::EdDsa);
    world.change(tenant.id, &[new]).await.expect("changed");
    let signing = async || world.policy(tenant.id).await.signing_algorithms(&world.store.keys(tenant.id));
    world.work_off(tenant.id).await;
    assert_eq!(signing().await, [old], "the former default goes on");

    let announced = world.clock.now() + world.policy(tenant.id).await.announce;
    world.clock.advance((announced - Duration::from_millis(1)).since(world.clock.now()));
    world.work_off(tenant.id).await;
    assert_eq!(signing().await, [old]);
    world.clock.advance(Duration::from_millis(1));
    world.work_off(tenant.id).await;
    assert_eq!(signing().await, [new]);
    assert_eq!(world.the(tenant.id, "retiring").algorithm, old);
}

#[tokio::test]
async fn an_algorithm_that_is_given_up_stays_published_and_signs_no_more() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256, Algorithm::EdDsa]).await;
    let before = world.jwk_set(tenant.id).await;
    world.change(tenant.id, &[Algorithm::Es256]).await.expect("changed");
    assert_eq!(world.the(tenant.id, "active").algorithm, Algorithm::Es256);
    let leaving = world.in_state(tenant.id, "retiring");
    assert!(leaving.len() == 2 && leaving.iter().all(|key| key.algorithm == Algorithm::EdDsa));
    assert_eq!(world.jwk_set(tenant.id).await, before);
    world.work_off(tenant.id).await;
    assert_eq!(world.in_state(tenant.id, "retiring").len(), 1, "the standby key has signed nothing");

    world.change(tenant.id, &[Algorithm::Es256, Algorithm::EdDsa]).await.expect("taken up again");
    assert_eq!(world.in_state(tenant.id, "standby").len(), 2, "announced anew");
}

#[tokio::test]
async fn a_policy_or_a_rotation_that_comes_late_is_refused() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let rotation = rotate::prepare(&world.cx, tenant.id, Ask::Now { algorithm: None, immediate: true }).await;
    let seen = world.policy(tenant.id).await;
    let late = policy::prepare(&world.cx, tenant.id, &seen).await.expect("prepared");
    world.change(tenant.id, &[Algorithm::Es256, Algorithm::EdDsa]).await.expect("changed");

    let tx = Store::begin(&world.store, tenant.id).await.expect("begins");
    let refused = policy::write(tx.as_ref(), &late, Actor::System, world.clock.now()).await;
    assert!(matches!(refused, Err(PolicyError::Changed)), "{refused:?}");
    drop(tx);
    let refused = rotate::apply(&world.cx, rotation.expect("prepared"), Actor::System).await;
    assert!(matches!(refused, Err(RotateError::Changed)), "planned for another policy: {refused:?}");
}

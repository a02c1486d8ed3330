//! What clients send ahead of a browser is used up once, and what proved them is good once.

use std::time::Duration;

use chancery_domain::{
    ports::store::Store,
    pushed_request::PushedRequest,
    time::Timestamp,
    used_once::{Novelty, UsedOnce, UsedOnceKind},
    version::Version,
};
use chancery_testkit::builders;
use tokio::task::JoinSet;

use crate::world::{Home, World};

super::conformance! {
    a_pushed_request_is_read_as_it_was_written,
    of_16_tasks_one_uses_a_pushed_request_up,
    one_that_expired_since_it_was_begun_with_is_used_up_once,
    only_those_that_wait_are_counted,
    t140_replay_memory_is_bounded_for_each_client,
    t074_of_16_tasks_one_uses_an_assertion,
    t074_an_assertion_is_its_clients_alone,
    what_was_pushed_and_used_is_purged_by_age,
    it_goes_with_its_client,
}

fn pushed(world: &World, home: &Home) -> PushedRequest {
    PushedRequest {
        digest: world.digest(),
        client: home.client.uid,
        sealed: vec![1, 2, 3],
        pushed_at: world.now(),
        expires_at: world.now() + PushedRequest::LIFE,
        used_at: None,
    }
}

async fn push(world: &World, home: &Home) -> PushedRequest {
    let request = pushed(world, home);
    let tx = world.begin(home.tenant.id).await;
    tx.pushed_requests().insert(&request).await.expect("inserts");
    tx.commit().await.expect("commits");
    request
}

async fn spend(world: &World, home: &Home, assertion: &UsedOnce) -> Novelty {
    let tx = world.begin(home.tenant.id).await;
    let novelty = tx.replay_memory().spend(assertion, world.now()).await.expect("runs");
    tx.commit().await.expect("commits");
    novelty
}

fn assertion(home: &Home, jti: &str, now: Timestamp) -> UsedOnce {
    UsedOnce::assertion(home.client.uid, jti, now + Duration::from_secs(60))
}

async fn a_pushed_request_is_read_as_it_was_written(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let request = push(&world, &home).await;
    let read = world.read(home.tenant.id).pushed_requests().find(&request.digest).await.expect("reads");
    assert_eq!(read, Some(request.clone()));
    let elsewhere = world.read(other.tenant.id).pushed_requests().find(&request.digest).await.expect("reads");
    assert_eq!(elsewhere, None, "another tenant does not see it");
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.pushed_requests().insert(&request).await.is_err(), "a reference is there once");
}

async fn of_16_tasks_one_uses_a_pushed_request_up(world: World) {
    let home = world.home("acme").await;
    let request = push(&world, &home).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (storage, tenant, now) = (world.storage.clone(), home.tenant.id, world.now());
        let (digest, client) = (request.digest, home.client.uid);
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let used = tx.pushed_requests().use_up(&digest, client, now).await.expect("runs");
            tx.commit().await.expect("commits");
            used
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|used| *used).count(), 1);
    let read = world.read(home.tenant.id).pushed_requests().find(&request.digest).await.expect("reads").expect("there");
    assert_eq!((read.used_at, read.sealed), (Some(world.now()), Vec::new()), "what it asked is forgotten");
}

async fn one_that_expired_since_it_was_begun_with_is_used_up_once(world: World) {
    let home = world.home("acme").await;
    let request = push(&world, &home).await;
    world.clock.advance(PushedRequest::LIFE);
    purge(&world).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.pushed_requests().find(&request.digest).await.expect("reads").is_none());
    for first in [true, false] {
        let used = tx.pushed_requests().use_up(&request.digest, home.client.uid, world.now()).await.expect("runs");
        assert_eq!(used, first);
    }
}

async fn only_those_that_wait_are_counted(world: World) {
    let home = world.home("acme").await;
    let (client, other) = (home.client.uid, builders::public_client("other", &*world.random, world.now()));
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&other).await.expect("inserts");
    let requests = [(); 4].map(|()| pushed(&world, &home));
    for request in &requests {
        tx.pushed_requests().insert(request).await.expect("inserts");
    }
    assert!(!tx.pushed_requests().use_up(&requests[0].digest, other.uid, world.now()).await.expect("runs"));
    assert!(tx.pushed_requests().use_up(&requests[0].digest, client, world.now()).await.expect("runs"));
    let rows = tx.pushed_requests();
    assert_eq!(rows.waiting(client, world.now(), 100).await.expect("counts"), 3);
    assert_eq!(rows.waiting(client, world.now(), 2).await.expect("counts"), 2, "no further than asked");
    assert_eq!(rows.waiting(other.uid, world.now(), 100).await.expect("counts"), 0);
    assert_eq!(rows.waiting(client, world.now() + PushedRequest::LIFE, 100).await.expect("counts"), 0);
}

async fn t140_replay_memory_is_bounded_for_each_client(world: World) {
    let home = world.home("acme").await;
    let later = world.now() + Duration::from_secs(60);
    // All of one part: their digests begin with the same byte.
    let tx = world.begin(home.tenant.id).await;
    let of_a_part = (0..).map(|n| assertion(&home, &n.to_string(), world.now())).filter(|it| it.digest.bytes()[0] == 7);
    let most = usize::try_from(UsedOnceKind::Assertion.most_in_a_part()).expect("fits");
    let some: Vec<_> = of_a_part.take(most + 1).collect();
    for one in &some[..most] {
        assert_eq!(tx.replay_memory().spend(one, world.now()).await.expect("runs"), Novelty::New);
    }
    let last = &some[most];
    assert_eq!(tx.replay_memory().spend(last, world.now()).await.expect("runs"), Novelty::TooMany);
    assert_eq!(tx.replay_memory().spend(last, later).await.expect("runs"), Novelty::New, "once the others are over");
}

async fn t074_of_16_tasks_one_uses_an_assertion(world: World) {
    let home = world.home("acme").await;
    let used = assertion(&home, "one", world.now());
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (storage, tenant, now, used) = (world.storage.clone(), home.tenant.id, world.now(), used.clone());
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let novelty = tx.replay_memory().spend(&used, now).await.expect("runs");
            tx.commit().await.expect("commits");
            novelty
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|novelty| *novelty == Novelty::New).count(), 1);
    assert_eq!(spend(&world, &home, &used).await, Novelty::Used);
}

async fn t074_an_assertion_is_its_clients_alone(world: World) {
    let (here, there) = (world.home("acme").await, world.home("globex").await);
    assert_eq!(spend(&world, &here, &assertion(&here, "one", world.now())).await, Novelty::New);
    assert_eq!(spend(&world, &there, &assertion(&there, "one", world.now())).await, Novelty::New);
    assert_eq!(spend(&world, &here, &assertion(&here, "two", world.now())).await, Novelty::New);
    assert_eq!(spend(&world, &here, &assertion(&here, "one", world.now())).await, Novelty::Used);
}

async fn what_was_pushed_and_used_is_purged_by_age(world: World) {
    let home = world.home("acme").await;
    let (used, _waiting) = (push(&world, &home).await, push(&world, &home).await);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.pushed_requests().use_up(&used.digest, home.client.uid, world.now()).await.expect("runs"));
    tx.commit().await.expect("commits");
    assert_eq!(spend(&world, &home, &assertion(&home, "one", world.now())).await, Novelty::New);
    assert_eq!(purge(&world).await, 0);
    world.clock.advance(PushedRequest::LIFE);
    assert_eq!(purge(&world).await, 1, "the one that waited");
    let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
    world.clock.advance(minute);
    assert_eq!(purge(&world).await, 1, "the assertion, when it is over by every clock");
    world.clock.advance(PushedRequest::REMEMBERED.saturating_sub(PushedRequest::LIFE + minute + second));
    assert_eq!(purge(&world).await, 0);
    world.clock.advance(second);
    assert_eq!(purge(&world).await, 1, "that one was used");
}

async fn it_goes_with_its_client(world: World) {
    let home = world.home("acme").await;
    push(&world, &home).await;
    assert_eq!(spend(&world, &home, &assertion(&home, "one", world.now())).await, Novelty::New);
    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete(&home.client.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(world.number("SELECT COUNT(*) FROM pushed_requests").await, 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM used_assertions").await, 0);
}

async fn purge(world: &World) -> u64 {
    let tx = world.begin_platform().await;
    let removed = tx.purge_expired(world.now(), 1000).await.expect("purges");
    tx.commit().await.expect("commits");
    removed
}

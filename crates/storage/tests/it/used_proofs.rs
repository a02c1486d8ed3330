//! A proof of possession is good once, whoever takes it, and what is bound to a key stays bound.

use std::time::Duration;

use chancery_domain::{
    code::Code,
    confirmation::{Confirmation, Thumbprint},
    ports::store::Store,
    refresh::RefreshFamily,
    time::Timestamp,
    used_once::{Novelty, UsedOnce, UsedOnceKind},
};
use tokio::task::JoinSet;

use crate::world::{Home, World};

super::conformance! {
    t131_of_16_tasks_one_uses_a_proof,
    t131_a_proof_is_its_keys_and_its_clients_alone,
    t140_the_memory_of_proofs_is_bounded_for_each_client_and_by_time,
    codes_and_families_are_bound_as_they_were_written,
    a_bound_token_is_renewed_until_it_was_used_often_enough,
}

const KEY: Thumbprint = Thumbprint::from_bytes([1; 32]);

fn proof(home: &Home, key: &Thumbprint, jti: &str, now: Timestamp) -> UsedOnce {
    UsedOnce::proof(home.client.uid, key, jti, now + Duration::from_secs(60))
}

async fn spend(world: &World, home: &Home, proof: &UsedOnce) -> Novelty {
    let tx = world.begin(home.tenant.id).await;
    let novelty = tx.replay_memory().spend(proof, world.now()).await.expect("runs");
    tx.commit().await.expect("commits");
    novelty
}

async fn is_used(world: &World, home: &Home, proof: &UsedOnce) -> bool {
    world.read(home.tenant.id).replay_memory().is_used(proof).await.expect("reads")
}

async fn t131_of_16_tasks_one_uses_a_proof(world: World) {
    let home = world.home("acme").await;
    let used = proof(&home, &KEY, "one", world.now());
    assert!(!is_used(&world, &home, &used).await);
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
    assert!(is_used(&world, &home, &used).await);
    assert_eq!(spend(&world, &home, &used).await, Novelty::Used);
}

async fn t131_a_proof_is_its_keys_and_its_clients_alone(world: World) {
    let (here, there) = (world.home("acme").await, world.home("globex").await);
    let now = world.now();
    assert_eq!(spend(&world, &here, &proof(&here, &KEY, "one", now)).await, Novelty::New);
    assert!(!is_used(&world, &there, &proof(&there, &KEY, "one", now)).await);
    assert_eq!(spend(&world, &there, &proof(&there, &KEY, "one", now)).await, Novelty::New);
    let other = Thumbprint::from_bytes([2; 32]);
    assert_eq!(spend(&world, &here, &proof(&here, &other, "one", now)).await, Novelty::New);
    assert_eq!(spend(&world, &here, &proof(&here, &KEY, "two", now)).await, Novelty::New);
    assert_eq!(spend(&world, &here, &proof(&here, &KEY, "one", now)).await, Novelty::Used);
}

async fn t140_the_memory_of_proofs_is_bounded_for_each_client_and_by_time(world: World) {
    let home = world.home("acme").await;
    let later = world.now() + Duration::from_secs(60);
    // All of one part: their digests begin with the same byte.
    let of_a_part = (0..).map(|n: u32| proof(&home, &KEY, &n.to_string(), world.now()));
    let most = usize::try_from(UsedOnceKind::Proof.most_in_a_part()).expect("fits");
    let some: Vec<_> = of_a_part.filter(|it| it.digest.bytes()[0] == 7).take(most + 1).collect();
    let tx = world.begin(home.tenant.id).await;
    for one in &some[..most] {
        assert_eq!(tx.replay_memory().spend(one, world.now()).await.expect("runs"), Novelty::New);
    }
    let last = &some[most];
    assert_eq!(tx.replay_memory().spend(last, world.now()).await.expect("runs"), Novelty::TooMany);
    assert_eq!(tx.replay_memory().spend(last, later).await.expect("runs"), Novelty::New, "once the others are over");
    tx.commit().await.expect("commits");
    world.clock.advance(Duration::from_secs(59));
    let purge = async || {
        let tx = world.begin_platform().await;
        let removed = tx.purge_expired(world.now(), 10_000).await.expect("purges");
        tx.commit().await.expect("commits");
        removed
    };
    assert_eq!(purge().await, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(purge().await, u64::from(UsedOnceKind::Proof.most_in_a_part()) + 1);
}

async fn codes_and_families_are_bound_as_they_were_written(world: World) {
    let home = world.home("acme").await;
    let confirmation = Some(Confirmation::Jkt(KEY));
    let (grant, family, token) = world.family_of(&home).await;
    let standing = world.read(home.tenant.id).refresh().standing(&token.digest).await.expect("reads").expect("there");
    assert_eq!(standing.family.confirmation, None);
    let code = Code { confirmation, ..world.code(&home) };
    let bound = RefreshFamily { confirmation, ..world.family(&grant) };
    assert_ne!(bound.id, family.id);
    let first = world.token(&bound);
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&code).await.expect("inserts");
    tx.refresh().begin_family(&bound, &first).await.expect("begins");
    tx.commit().await.expect("commits");
    let rows = world.read(home.tenant.id);
    let read = rows.codes().find(&code.digest).await.expect("reads").expect("there");
    assert_eq!(read.confirmation, confirmation);
    let standing = rows.refresh().standing(&first.digest).await.expect("reads").expect("there");
    assert_eq!(standing.family.confirmation, confirmation);
}

async fn a_bound_token_is_renewed_until_it_was_used_often_enough(world: World) {
    let home = world.home("acme").await;
    let (_, family, token) = world.family_of(&home).await;
    let until = token.expires_at + Duration::from_secs(60);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.refresh().renew(&token.digest, until, None).await.expect("runs"));
    assert!(tx.refresh().renew(&token.digest, until, Some(2)).await.expect("runs"));
    assert!(!tx.refresh().renew(&token.digest, until, Some(2)).await.expect("runs"), "used twice");
    let standing = tx.refresh().standing(&token.digest).await.expect("reads").expect("there");
    assert_eq!((standing.token.turns, standing.token.expires_at), (2, until));
    let child = world.token(&family);
    assert!(tx.refresh().spend(&token.digest, &world.spent_for(&child), &child).await.expect("runs"));
    assert!(!tx.refresh().renew(&token.digest, until, None).await.expect("runs"), "spent");
    assert!(!tx.refresh().renew(&world.digest(), until, None).await.expect("runs"), "unknown");
}

//! A transaction is whole or nothing, also where others commit at the same time.

use std::time::Duration;

use chancery_domain::ports::store::Store;
use chancery_testkit::builders;
use tokio::task::JoinSet;

use crate::world::{World, open};

super::conformance! {
    what_is_dropped_leaves_nothing,
    what_is_dropped_leaves_nothing_while_others_commit,
    what_is_committed_is_seen_at_once,
    a_caller_that_goes_away_leaves_no_half_of_anything,
    a_panic_does_not_stop_the_writer,
    a_refused_statement_leaves_the_next_transaction_alone,
}

async fn what_is_dropped_leaves_nothing(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&builders::user("grace", &*world.random, world.now())).await.expect("inserts");
    drop(tx);
    let tx = world.begin_platform().await;
    tx.tenants().insert(&builders::tenant("gone", &*world.random, world.now())).await.expect("inserts");
    drop(tx);
    assert_eq!(world.read(home.tenant.id).users().list(page(10).into()).await.expect("reads").rows.len(), 1);
    let tenants = world.platform().tenants().list(page(10).into(), true).await.expect("reads");
    assert_eq!(tenants.rows.len(), 1);
}

/// Every third of many transactions is dropped, at the same time as the others commit.
async fn what_is_dropped_leaves_nothing_while_others_commit(world: World) {
    let home = world.home("acme").await;
    let mut tasks = JoinSet::new();
    for number in 0..150 {
        let (storage, tenant) = (world.storage.clone(), home.tenant.id);
        let user = builders::user(&format!("u{number}"), &*world.random, world.now());
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            tx.users().insert(&user).await.expect("inserts");
            if number % 3 == 0 {
                drop(tx);
            } else {
                tx.commit().await.expect("commits");
                // Whoever is told of a success can read it.
                let read = Store::read(&storage, tenant);
                assert!(read.users().find(user.id).await.expect("reads").is_some());
            }
        });
    }
    tasks.join_all().await;
    let users = world.read(home.tenant.id).users().list(page(1000).into()).await.expect("reads").rows;
    assert_eq!(users.len(), 101);
    let dropped = |name: &str| name.strip_prefix('u').and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n % 3 == 0);
    assert!(!users.iter().any(|user| dropped(user.username.as_str())));
}

async fn what_is_committed_is_seen_at_once(world: World) {
    let home = world.home("acme").await;
    let user = builders::user("grace", &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&user).await.expect("inserts");
    assert!(world.read(home.tenant.id).users().find(user.id).await.expect("reads").is_none());
    assert!(tx.users().find(user.id).await.expect("reads").is_some());
    tx.commit().await.expect("commits");
    assert!(world.read(home.tenant.id).users().find(user.id).await.expect("reads").is_some());
}

/// Callers go away at every possible moment; what is there afterwards is whole.
async fn a_caller_that_goes_away_leaves_no_half_of_anything(world: World) {
    let home = world.home("acme").await;
    let mut tasks = JoinSet::new();
    for number in 0..200_u64 {
        let (storage, tenant) = (world.storage.clone(), home.tenant.id);
        let first = builders::user(&format!("a{number}"), &*world.random, world.now());
        let second = builders::user(&format!("b{number}"), &*world.random, world.now());
        tasks.spawn(async move {
            let work = async {
                let tx = Store::begin(&storage, tenant).await.expect("begins");
                tx.users().insert(&first).await.expect("inserts");
                tx.users().insert(&second).await.expect("inserts");
                tx.commit().await.expect("commits");
            };
            tokio::time::timeout(Duration::from_micros(number * 150), work).await.is_ok()
        });
    }
    let told = tasks.join_all().await.into_iter().filter(|told| *told).count();
    // The writer is still there, and comes after all that was under way.
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&builders::user("last", &*world.random, world.now())).await.expect("inserts");
    tx.commit().await.expect("commits");
    let mut pairs = world.read(home.tenant.id).users().list(page(1000).into()).await.expect("reads").rows;
    pairs.retain(|user| user.username.as_str().starts_with(['a', 'b']) && user.username.as_str() != "ada");
    let firsts = pairs.iter().filter(|user| user.username.as_str().starts_with('a')).count();
    assert_eq!(pairs.len(), 2 * firsts);
    assert!(firsts >= told, "{told} were told of a success and {firsts} are there");
}

async fn a_panic_does_not_stop_the_writer(world: World) {
    let home = world.home("acme").await;
    let (storage, tenant) = (world.storage.clone(), home.tenant.id);
    let user = builders::user("grace", &*world.random, world.now());
    let id = user.id;
    let panicked = tokio::spawn(async move {
        let tx = Store::begin(&storage, tenant).await.expect("begins");
        tx.users().insert(&user).await.expect("inserts");
        panic!("on purpose");
    });
    assert!(panicked.await.is_err());
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&builders::user("last", &*world.random, world.now())).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert!(world.read(home.tenant.id).users().find(id).await.expect("reads").is_none());
}

async fn a_refused_statement_leaves_the_next_transaction_alone(world: World) {
    let home = world.home("acme").await;
    let mut stranger = world.code(&home);
    stranger.client = chancery_domain::id::ClientUid::generate(&*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.codes().insert(&stranger).await.is_err());
    drop(tx);
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&world.code(&home)).await.expect("inserts");
    tx.commit().await.expect("commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let world = World::sqlite().await;
    let home = world.home("acme").await;
    world.storage.clone().close().await.expect("closes");
    assert!(Store::begin(&world.storage, home.tenant.id).await.is_err());
    let storage = open(&world.url, &world.clock).await;
    assert!(Store::read(&storage, home.tenant.id).users().find(home.user.id).await.expect("reads").is_some());
}

fn page(size: u32) -> chancery_domain::page::PageRequest {
    chancery_domain::page::PageRequest { after: None, size }
}

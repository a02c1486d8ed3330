//! The change feed: every change of a noun, in order, and none is ever skipped.

use std::{collections::BTreeSet, time::Duration};

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    change::{Change, ChangeKind, Noun, Place},
    grant::RevocationReason,
    ports::store::Store,
};
use chancery_testkit::builders;
use tokio::{task::JoinSet, time::timeout};

use crate::world::{DAY, World};

super::conformance! {
    every_noun_says_what_it_touched,
    token_traffic_is_not_in_the_feed,
    a_reader_that_follows_misses_nothing,
    a_slow_transaction_is_not_skipped,
    who_listens_is_told,
    a_listener_is_told_of_what_came_before_it_asked,
    what_only_a_newer_version_has_words_for_holds_nobody_up,
}

async fn every_noun_says_what_it_touched(world: World) {
    let home = world.home("acme").await;
    let start = world.end_of_feed().await;
    let (grant, ..) = world.family_of(&home).await;
    let session = world.session(home.user.id);
    let (key, _) = AdminKey::generate("ops", AdminReach::Platform, DAY, &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().insert(&session).await.expect("inserts");
    tx.clients().update(&home.client, world.now()).await.expect("updates");
    tx.users().update(&home.user, world.now()).await.expect("updates");
    tx.sessions().end(session.id, world.now()).await.expect("ends");
    tx.grants().revoke(grant.id, RevocationReason::ByClient, world.now()).await.expect("revokes");
    tx.commit().await.expect("commits");
    let tx = world.begin_platform().await;
    tx.tenants().update(&home.tenant, world.now()).await.expect("updates");
    tx.admin_keys().insert(&key).await.expect("inserts");
    tx.commit().await.expect("commits");

    let seen = settled(&world, start).await;
    let tenant = Some(home.tenant.id);
    let expected = [
        (tenant, Some(Noun::Client), home.client.id.to_string()),
        (tenant, Some(Noun::User), home.user.id.to_string()),
        (tenant, Some(Noun::Session), session.id.to_string()),
        (tenant, Some(Noun::Grant), grant.id.to_string()),
        (tenant, Some(Noun::Tenant), home.tenant.slug.to_string()),
        (None, Some(Noun::AdminKey), key.id.to_string()),
    ];
    let seen: Vec<_> = seen.into_iter().map(|change| (change.tenant, change.noun, change.id)).collect();
    assert_eq!(seen, expected);
}

async fn token_traffic_is_not_in_the_feed(world: World) {
    let home = world.home("acme").await;
    let start = world.end_of_feed().await;
    let (_, family, parent) = world.family_of(&home).await;
    let (code, child) = (world.code(&home), world.token(&family));
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&code).await.expect("inserts");
    tx.codes().redeem(&code.digest, world.now()).await.expect("redeems");
    tx.refresh().spend(&parent.digest, &world.spent_for(&child), &child).await.expect("spends");
    tx.commit().await.expect("commits");
    assert_eq!(settled(&world, start).await, []);
}

/// Many write, some slowly and some in vain, while one reads on: each change is seen once, in order.
async fn a_reader_that_follows_misses_nothing(world: World) {
    let home = world.home("acme").await;
    let start = world.end_of_feed().await;
    let mut tasks = JoinSet::new();
    let slow = if world.is_postgres() { 5 } else { 0 };
    for number in 0..120_u64 {
        let (storage, tenant) = (world.storage.clone(), home.tenant.id);
        let user = builders::user(&format!("u{number}"), &*world.random, world.now());
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            tx.users().insert(&user).await.expect("inserts");
            tokio::time::sleep(Duration::from_millis(number % 7 * slow)).await;
            if number % 10 == 9 {
                return None;
            }
            tx.commit().await.expect("commits");
            Some(user.id.to_string())
        });
    }
    let reader = world.platform();
    let (mut after, mut seen) = (start, Vec::new());
    let mut written = BTreeSet::new();
    while !tasks.is_empty() || seen.len() < written.len() {
        while let Some(done) = tasks.try_join_next() {
            written.extend(done.expect("does not panic"));
        }
        let changes = reader.changes_after(after, 7).await.expect("reads");
        assert!(changes.is_sorted_by_key(|change| change.place.sequence));
        after = changes.last().map_or(after, |change| change.place);
        seen.extend(changes.into_iter().map(|change| change.id));
        tokio::task::yield_now().await;
    }
    assert_eq!(seen.len(), 108);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), written);
}

/// One transaction begins early, another appends a change and stays open, the early one appends too and commits first.
async fn a_slow_transaction_is_not_skipped(world: World) {
    if !world.is_postgres() {
        return; // There is one writer: nobody can be slower than who comes after.
    }
    let home = world.home("acme").await;
    let start = world.end_of_feed().await;
    let early = world.begin(home.tenant.id).await;
    early.sessions().insert(&world.session(home.user.id)).await.expect("inserts");
    let slow = world.begin(home.tenant.id).await;
    slow.users().insert(&builders::user("slow", &*world.random, world.now())).await.expect("inserts");
    early.users().insert(&builders::user("early", &*world.random, world.now())).await.expect("inserts");
    early.commit().await.expect("commits");
    let late = world.begin(home.tenant.id).await;
    late.users().insert(&builders::user("late", &*world.random, world.now())).await.expect("inserts");
    late.commit().await.expect("commits");

    // Whatever a reader takes for the end now, what comes later comes after it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let reader = world.platform();
    let seen = reader.changes_after(start, 10).await.expect("reads");
    assert!(seen.len() <= 1, "nobody may read past the slow one");
    let after = seen.last().map_or(start, |change| change.place);
    assert!(reader.latest_change().await.expect("reads").sequence <= after.sequence);
    slow.commit().await.expect("commits");
    assert_eq!(seen.len() + settled(&world, after).await.len(), 3);
}

async fn who_listens_is_told(world: World) {
    let home = world.home("acme").await;
    let listener = world.storage.clone();
    let told = tokio::spawn(async move { timeout(Duration::from_secs(5), listener.changed()).await });
    let tx = world.begin(home.tenant.id).await;
    tx.users().update(&home.user, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    told.await.expect("runs").expect("is told in time");
}

async fn a_listener_is_told_of_what_came_before_it_asked(world: World) {
    let home = world.home("acme").await;
    let listener = world.storage.clone();
    let tx = world.begin(home.tenant.id).await;
    tx.users().update(&home.user, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    timeout(Duration::from_secs(5), listener.changed()).await.expect("is told in time");
}

async fn what_only_a_newer_version_has_words_for_holds_nobody_up(world: World) {
    let home = world.home("acme").await;
    let start = world.end_of_feed().await;
    let tx = world.begin(home.tenant.id).await;
    tx.clients().update(&home.client, world.now()).await.expect("updates");
    tx.users().update(&home.user, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    world.execute("UPDATE changes SET noun = 'hologram' WHERE noun = 'client'").await;
    world.execute("UPDATE changes SET kind = 'merged' WHERE noun = 'user' AND kind = 'updated'").await;
    let tx = world.begin_platform().await;
    tx.tenants().update(&home.tenant, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");

    let seen = settled(&world, start).await;
    let words: Vec<_> = seen.iter().map(|change| (change.noun, change.kind)).collect();
    let expected =
        [(None, Some(ChangeKind::Updated)), (Some(Noun::User), None), (Some(Noun::Tenant), Some(ChangeKind::Updated))];
    assert_eq!(words, expected);
    assert!(seen.iter().all(|change| change.tenant == Some(home.tenant.id)), "whose it is, is told");
    let reader = world.platform();
    let of_tenant = reader.tenant_changes_after(home.tenant.id, start, 10).await.expect("reads");
    assert_eq!((of_tenant, reader.latest_change().await.expect("reads")), (seen.clone(), seen[2].place));
}

/// Another process hears of it too.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_announced_to_other_replicas() {
    let world = World::postgres().await;
    let home = world.home("acme").await;
    let replica = crate::world::open(&world.url, &world.clock).await;
    // The first word is that it listens; wait until nothing more is told.
    while timeout(Duration::from_millis(500), replica.changed()).await.is_ok() {}
    let tx = world.begin(home.tenant.id).await;
    tx.users().update(&home.user, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    timeout(Duration::from_secs(2), replica.changed()).await.expect("is told in time");
    replica.close().await.expect("closes");
}

/// What the feed holds behind that place, once nothing that began earlier can still appear.
async fn settled(world: &World, start: Place) -> Vec<Change> {
    world.end_of_feed().await;
    world.platform().changes_after(start, 1000).await.expect("reads")
}

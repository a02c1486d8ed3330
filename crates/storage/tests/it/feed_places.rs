//! A place in the feed holds as long as its change is there: what a restored database, or one that took over without the last
//! transactions of another, does not have, is noticed.

use std::{fs, path::Path, time::Duration};

use chancery_domain::{
    audit::Action,
    change::{Change, Place},
    client::Client,
    fault::{FaultKind, FeedError, WriteError},
    id::TenantId,
    ports::platform::PlatformStore,
};
use chancery_testkit::builders;

use crate::{
    purge::purge,
    world::{DAY, World, open},
};

super::conformance! {
    whoever_comes_from_the_last_change_reads_on,
    a_place_whose_change_is_gone_is_lost,
    a_place_whose_number_is_given_again_is_lost,
    the_last_change_stays_for_whoever_came_to_it,
    a_purge_of_the_feed_is_bounded,
}

/// What each way of reading finds behind the place: how many changes of all, of those committed, and of the tenant.
async fn behind(world: &World, tenant: TenantId, place: Place) -> [Option<usize>; 3] {
    let reader = world.platform();
    let found = [
        reader.changes_after(place, 100).await,
        reader.committed_changes_after(place, 100).await,
        reader.tenant_changes_after(tenant, place, 100).await,
    ];
    found.map(|found: Result<Vec<Change>, FeedError>| match found {
        Ok(changes) => Some(changes.len()),
        Err(FeedError::Lost) => None,
        Err(FeedError::Fault(fault)) => panic!("{fault}"),
    })
}

/// Adds so many users, each in a transaction, and gives the place behind them.
async fn write(world: &World, tenant: TenantId, names: &[&str]) -> Place {
    for name in names {
        let tx = world.begin(tenant).await;
        tx.users().insert(&builders::user(name, &*world.random, world.now())).await.expect("inserts");
        tx.commit().await.expect("commits");
    }
    world.end_of_feed().await
}

async fn whoever_comes_from_the_last_change_reads_on(world: World) {
    assert_eq!(world.end_of_feed().await, Place::START);
    let home = world.home("acme").await;
    let elsewhere = world.tenant("bolt").await;
    let place = world.end_of_feed().await;
    assert_eq!(behind(&world, home.tenant.id, place).await, [Some(0); 3]);
    assert_eq!(behind(&world, home.tenant.id, Place::START).await, [Some(4), Some(4), Some(3)]);
    write(&world, home.tenant.id, &["bob", "eve"]).await;
    assert_eq!(behind(&world, home.tenant.id, place).await, [Some(2); 3]);
    assert_eq!(behind(&world, elsewhere.id, place).await, [Some(2), Some(2), Some(0)]);
    let reader = world.platform();
    assert_eq!(reader.changes_after(place, 1).await.expect("reads").len(), 1, "the witness does not count");
    assert_eq!(reader.changes_after(place, 0).await.expect("reads"), []);
}

async fn a_place_whose_change_is_gone_is_lost(world: World) {
    let home = world.home("acme").await;
    let place = world.end_of_feed().await;
    world.execute(&format!("DELETE FROM changes WHERE sequence = {}", place.sequence)).await;
    assert_eq!(behind(&world, home.tenant.id, place).await, [None; 3]);
    write(&world, home.tenant.id, &["bob"]).await;
    assert_eq!(behind(&world, home.tenant.id, place).await, [None; 3]);
}

async fn a_place_whose_number_is_given_again_is_lost(world: World) {
    let home = world.home("acme").await;
    let place = world.end_of_feed().await;
    world.execute(&format!("UPDATE changes SET at = at + 1 WHERE sequence = {}", place.sequence)).await;
    assert_eq!(behind(&world, home.tenant.id, place).await, [None; 3]);
}

async fn the_last_change_stays_for_whoever_came_to_it(world: World) {
    let home = world.home("acme").await;
    let place = world.end_of_feed().await;
    world.clock.advance(8 * DAY);
    assert_eq!(purge(&world, 100).await, 2, "the tenant and the client");
    assert_eq!(behind(&world, home.tenant.id, place).await, [Some(0); 3]);
    let later = write(&world, home.tenant.id, &["bob"]).await;
    assert_eq!(purge(&world, 100).await, 0, "the new one is not old");
    assert_eq!(behind(&world, home.tenant.id, place).await, [Some(1); 3]);
    world.clock.advance(8 * DAY);
    assert_eq!(purge(&world, 100).await, 1);
    assert_eq!(behind(&world, home.tenant.id, place).await, [None; 3], "too long ago");
    assert_eq!(behind(&world, home.tenant.id, later).await, [Some(0); 3]);
}

async fn a_purge_of_the_feed_is_bounded(world: World) {
    let home = world.home("acme").await;
    write(&world, home.tenant.id, &["a", "b", "c"]).await;
    world.clock.advance(8 * DAY);
    assert_eq!(
        [purge(&world, 2).await, purge(&world, 2).await, purge(&world, 2).await, purge(&world, 2).await],
        [2, 2, 1, 0]
    );
}

/// A transaction that somebody prepared and forgot holds back what came after it: that is told when it is over, and only
/// then does it go.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_yet_is_not_purged() {
    let world = World::postgres().await;
    let home = world.home("acme").await;
    let place = world.end_of_feed().await;
    let slow = world.begin(home.tenant.id).await;
    slow.users().insert(&builders::user("slow", &*world.random, world.now())).await.expect("inserts");
    for name in ["late", "later"] {
        let tx = world.begin(home.tenant.id).await;
        tx.users().insert(&builders::user(name, &*world.random, world.now())).await.expect("inserts");
        tx.commit().await.expect("commits");
    }
    world.clock.advance(8 * DAY);
    assert_eq!(purge(&world, 100).await, 2, "what came before");
    slow.commit().await.expect("commits");
    world.end_of_feed().await;
    assert_eq!(behind(&world, home.tenant.id, place).await, [Some(3); 3]);
}

/// A change of a cluster that had come farther, brought here by a dump.
async fn bring(world: &World, tenant: TenantId, id: &str) -> Place {
    let place = Place { sequence: (1 << 40) << 20, at: world.now() };
    let insert = format!(
        "INSERT INTO changes (sequence, tenant_id, noun, object_id, at, kind)
         VALUES ({}, '{tenant}', 'client', '{id}', {}, 'created')",
        place.sequence,
        place.at.millis()
    );
    world.execute(&insert).await;
    place
}

/// Deletes the client.
async fn delete(world: &World, tenant: TenantId, client: &Client) -> Result<(), WriteError> {
    let tx = world.begin(tenant).await;
    tx.clients().delete(&client.id, client.version).await?;
    Ok(tx.commit().await?)
}

async fn told_of(world: &World) -> i64 {
    let action = Action::DatabaseRestored.code();
    world.number(&format!("SELECT COUNT(*) FROM audit_events WHERE action = '{action}' AND tenant_id IS NULL")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_another_cluster_stand_in_nobodys_way() {
    let world = World::postgres().await;
    let home = world.home("acme").await;
    let own = world.number("SELECT COUNT(*) FROM changes").await;
    let place = bring(&world, home.tenant.id, home.client.id.as_str()).await;
    let open = world.begin(home.tenant.id).await;
    open.users().insert(&builders::user("open", &*world.random, world.now())).await.expect("inserts");
    assert_eq!(behind(&world, home.tenant.id, place).await, [None, Some(0), None], "nothing of it is settled");
    let overtaken = delete(&world, home.tenant.id, &home.client).await;
    assert!(matches!(overtaken, Err(WriteError::Fault(fault)) if fault.kind() == FaultKind::Unavailable));

    assert_eq!(world.storage.remove_changes_ahead().await.expect("removes"), 1);
    assert_eq!(told_of(&world).await, 1);
    delete(&world, home.tenant.id, &home.client).await.expect("deletes");
    open.commit().await.expect("commits");
    assert_eq!(world.storage.remove_changes_ahead().await.expect("removes"), 0);
    assert_eq!((world.number("SELECT COUNT(*) FROM changes").await, told_of(&world).await), (own + 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_puts_a_restored_database_right() {
    let world = World::postgres().await;
    let home = world.home("acme").await;
    bring(&world, home.tenant.id, "app").await;
    world.storage.migrate().await.expect("migrates");
    delete(&world, home.tenant.id, &home.client).await.expect("deletes");
    assert_eq!(told_of(&world).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_copied_back_is_noticed() {
    let mut world = World::sqlite().await;
    let home = world.home("acme").await;
    let path = world.url.strip_prefix("sqlite:").expect("a file").to_owned();
    let (file, copy) = (Path::new(&path), format!("{path}.copy"));
    let before = world.end_of_feed().await;
    world.storage.clone().close().await.expect("closes");
    fs::copy(file, &copy).expect("copies");
    world.storage = open(&world.url, &world.clock).await;
    let place = write(&world, home.tenant.id, &["bob"]).await;
    world.storage.clone().close().await.expect("closes");
    fs::copy(&copy, file).expect("copies back");
    world.storage = open(&world.url, &world.clock).await;
    assert_eq!(behind(&world, home.tenant.id, place).await, [None; 3]);
    world.clock.advance(Duration::from_secs(1));
    let again = write(&world, home.tenant.id, &["eve"]).await;
    assert_eq!((again.sequence, behind(&world, home.tenant.id, place).await), (place.sequence, [None; 3]));
    assert_eq!(behind(&world, home.tenant.id, before).await, [Some(1); 3]);
}

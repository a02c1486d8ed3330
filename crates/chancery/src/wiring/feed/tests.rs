//! What happens to views when the feed is not the one that was followed.

use chancery_domain::{ports::directory::Directory, tenant::Tenant, time::Timestamp};

use super::{super::directory::tests::Scene, *};

async fn served(scene: &Scene) -> Tenant {
    let view = scene.directory.tenant(&"acme".parse().expect("a slug")).await.expect("reads");
    view.expect("a tenant").tenant.clone()
}

/// The place of a process that lived through the change lies ahead of all that the database tells from now on, or is that
/// of another change.
#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_another_than_before_makes_everything_be_read_anew() {
    let scene = Scene::new().await;
    scene.tenant("acme").await;
    let clock = Arc::new(DatabaseClock::embedded());
    let feed = Feed::begin(scene.storage.clone(), Arc::clone(&scene.directory), clock).await;
    let mut feed = feed.expect("begins");
    let there = feed.place;
    let elsewhere = [
        Place { sequence: there.sequence + 100, ..there },
        Place { at: Timestamp::from_millis(there.at.millis() + 1), ..there },
    ];
    for place in elsewhere {
        feed.place = place;
        let tenant = served(&scene).await;
        let tx = PlatformStore::begin(&scene.storage).await.expect("begins");
        tx.tenants().update(&tenant, there.at).await.expect("updates");
        tx.commit().await.expect("commits");
        feed.read_on().await.expect("reads on");
        assert!(served(&scene).await.version > tenant.version, "an old view is served");
        assert_eq!(feed.place, PlatformStore::read(&scene.storage).latest_change().await.expect("reads"));
    }
}

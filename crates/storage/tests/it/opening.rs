//! Who may open a database, and what it says when not.

use std::{os::unix::fs::PermissionsExt as _, sync::Arc, time::Duration};

use chancery_domain::{fault::FaultKind, ports::platform::PlatformStore, time::Clock};
use chancery_storage::{OpenError, Options, Storage};
use chancery_testkit::{FakeClock, postgres::Cluster};

use crate::world::{World, open};

async fn try_open(url: &str) -> Result<Storage, OpenError> {
    Storage::open(Options::new(url, Arc::new(FakeClock::new()) as Arc<dyn Clock>)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_one_process() {
    let world = World::sqlite().await;
    let refused = try_open(&world.url).await.expect_err("is in use");
    assert!(matches!(refused, OpenError::InUse { .. }));
    assert!(refused.to_string().contains("chancery.db is in use by another Chancery process"), "{refused}");
    world.storage.close().await.expect("closes");
    open(&world.url, &world.clock).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t336_a_file_that_others_can_read_is_refused() {
    let world = World::sqlite().await;
    world.storage.close().await.expect("closes");
    let file = world.url.strip_prefix("sqlite:").expect("a file");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).expect("set");
    let refused = try_open(&world.url).await.expect_err("is open to others");
    assert!(matches!(refused, OpenError::OpenToOthers { .. }), "{refused}");
    assert!(refused.to_string().contains("(mode 644): `chmod 600 "), "{refused}");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o640)).expect("set");
    open(&world.url, &world.clock).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_of_no_database_is_refused() {
    for url in ["", "mysql://x", "sqlite::memory:", "sqlite:", "sqlite://file?mode=memory", "postgres"] {
        let refused = try_open(url).await.expect_err(url);
        assert!(matches!(refused, OpenError::Url(_)), "{url}: {refused}");
    }
    let password = try_open("postgres://chancery:hush@127.0.0.1:1/none").await.expect_err("nobody is there");
    assert!(matches!(password, OpenError::Away(_)), "{password}");
    assert!(!password.to_string().contains("hush"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_went_away_is_away_and_heals_by_itself() {
    let cluster = Cluster::start();
    let world = World::open(cluster.fresh(None), None).await;
    world.storage.migrate().await.expect("migrates");
    cluster.pause();
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..3 {
        assert_eq!(world.storage.ping().await.expect_err("is away").kind(), FaultKind::Unavailable);
        let refused = PlatformStore::begin(&world.storage).await.err().expect("is away");
        assert_eq!(refused.kind(), FaultKind::Unavailable, "{refused}");
    }
    cluster.resume();
    for _ in 0..20 {
        if world.storage.ping().await.is_ok() {
            world.tenant("acme").await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the store does not heal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_has_a_clock_and_a_file_takes_ours() {
    let file = World::sqlite().await;
    assert_eq!(file.platform().now().await.expect("tells"), file.now());
    let server = World::postgres().await;
    let told = server.platform().now().await.expect("tells");
    assert!(told.since(server.now()) > Duration::ZERO, "{told:?}");
}

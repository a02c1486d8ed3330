//! However many migrate at the same time, the database is migrated once.

use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::world::{World, open};
use chancery_testkit::postgres::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_migrate_an_empty_server_once() {
    let world = World::open(Cluster::shared().fresh(None), None).await;
    let mut replicas = vec![world.storage.clone()];
    for _ in 0..2 {
        replicas.push(open(&world.url, &world.clock).await);
    }
    migrate_together(&world, replicas).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_tasks_migrate_an_empty_file_once() {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("chancery.db").display());
    let world = World::open(url, Some(folder)).await;
    let replicas = vec![world.storage.clone(), world.storage.clone(), world.storage.clone()];
    migrate_together(&world, replicas).await;
}

async fn migrate_together(world: &World, replicas: Vec<chancery_storage::Storage>) {
    let pending = world.storage.pending_migrations().await.expect("reads");
    assert!(!pending.is_empty() && pending.is_sorted(), "{pending:?}");
    let mut tasks = JoinSet::new();
    for replica in replicas {
        tasks.spawn(async move { replica.migrate().await });
    }
    for outcome in tasks.join_all().await {
        outcome.expect("migrates");
    }
    assert_eq!(world.storage.pending_migrations().await.expect("reads"), Vec::<String>::new());
    let applied = world.number("SELECT COUNT(*) FROM seaql_migrations").await;
    assert_eq!(usize::try_from(applied), Ok(pending.len()));
    world.home("acme").await;
}

//! However many migrate at the same time, the database is migrated once.

use std::time::Duration;

use chancery_migrations::Migrator;
use chancery_testkit::postgres::Cluster;
use sea_orm::SqlxPostgresConnector;
use sea_orm_migration::MigratorTrait as _;
use sqlx::{Executor as _, PgPool};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::world::{World, open};

/// A migration that changes the table of clients; an earlier version had those before it.
const CHANGES_CLIENTS: &str = "m2026_11_22_000047_client_uses";

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

#[tokio::test(flavor = "multi_thread")]
async fn f34_an_upgrade_waits_for_a_table_without_holding_up_whoever_reads_it() {
    let world = World::open(Cluster::shared().fresh(None), None).await;
    let pool = PgPool::connect(&world.url).await.expect("connects");
    let earlier = Migrator::migrations().iter().position(|it| it.name() == CHANGES_CLIENTS).expect("there");
    let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    Migrator::up(&connection, Some(u32::try_from(earlier).expect("few"))).await.expect("an earlier version");

    let mut report = pool.begin().await.expect("begins");
    report.execute("SELECT COUNT(*) FROM clients").await.expect("a long report");
    let storage = world.storage.clone();
    let upgrade = tokio::spawn(async move { storage.migrate().await });
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'clients'::regclass";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.expect("counts") == 0 {
        assert!(!upgrade.is_finished(), "nothing kept the upgrade");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut login = pool.acquire().await.expect("connects");
    login.execute("SET statement_timeout = '5s'").await.expect("sets");
    login.execute("SELECT COUNT(*) FROM clients").await.expect("goes through, though the upgrade waits before it");
    assert!(!upgrade.is_finished(), "the upgrade did not wait");

    report.commit().await.expect("ends");
    upgrade.await.expect("ends").expect("migrates");
    assert_eq!(world.storage.pending_migrations().await.expect("reads"), Vec::<String>::new());
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

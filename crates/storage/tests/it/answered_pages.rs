//! A page is answered once, whoever takes the answer.

use std::time::Duration;

use chancery_domain::{
    id::TenantId,
    ports::{answered_pages::AnsweredPage, store::Store},
};
use chancery_storage::Storage;
use tokio::task::JoinSet;

use crate::world::World;

super::conformance! {
    t184_of_16_tasks_one_answers_a_page,
    t184_an_answer_is_forgotten_when_nobody_takes_it_any_more,
}

const LIFE: Duration = Duration::from_secs(60);

fn page(world: &World) -> AnsweredPage {
    AnsweredPage { digest: world.digest(), until: world.now() + LIFE }
}

async fn answer(storage: Storage, tenant: TenantId, page: AnsweredPage) -> bool {
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    let first = tx.answered_pages().answer(&page).await.expect("runs");
    tx.commit().await.expect("commits");
    first
}

async fn t184_of_16_tasks_one_answers_a_page(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let one = page(&world);
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        tasks.spawn(answer(world.storage.clone(), home.tenant.id, one));
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
    let again = async |tenant, page| answer(world.storage.clone(), tenant, page).await;
    assert!(!again(home.tenant.id, one).await);
    assert!(again(home.tenant.id, page(&world)).await, "another page");
    assert!(again(other.tenant.id, one).await, "of another tenant");
}

async fn t184_an_answer_is_forgotten_when_nobody_takes_it_any_more(world: World) {
    let home = world.home("acme").await;
    // What is given back is as good as new.
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.answered_pages().answer(&page(&world)).await.expect("runs"));
    drop(tx);
    assert!(answer(world.storage.clone(), home.tenant.id, page(&world)).await);
    let purge = async || {
        let tx = world.begin_platform().await;
        let removed = tx.purge_expired(world.now(), 10_000).await.expect("purges");
        tx.commit().await.expect("commits");
        removed
    };
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(purge().await, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(purge().await, 1);
}

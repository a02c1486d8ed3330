//! A refresh token is spent once, and its family is a chain.

use chancery_domain::{
    ports::store::Store,
    refresh::{Presented, RefreshToken},
};
use tokio::task::JoinSet;

use crate::world::World;

super::conformance! {
    of_64_tasks_one_spends_a_token_and_there_is_one_child,
    a_standing_tells_of_family_and_child,
}

async fn of_64_tasks_one_spends_a_token_and_there_is_one_child(world: World) {
    let home = world.home("acme").await;
    let (_, family, parent) = world.family_of(&home).await;
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let child = world.token(&family);
        let (storage, tenant, spent) = (world.storage.clone(), home.tenant.id, world.spent_for(&child));
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let won = tx.refresh().spend(&parent.digest, &spent, &child).await.expect("runs");
            tx.commit().await.expect("commits");
            won
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|won| *won).count(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM refresh_tokens").await, 2);
}

async fn a_standing_tells_of_family_and_child(world: World) {
    let home = world.home("acme").await;
    let (grant, family, parent) = world.family_of(&home).await;
    let grace = std::time::Duration::from_secs(10);
    let rows = world.read(home.tenant.id);
    let standing = rows.refresh().standing(&parent.digest).await.expect("reads").expect("there");
    assert_eq!((standing.family.grant, standing.family.id), (grant.id, family.id));
    assert!(matches!(standing.presented(grace, world.now()), Presented::Fresh));

    let child = world.token(&family);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.refresh().spend(&parent.digest, &world.spent_for(&child), &child).await.expect("runs"));
    tx.commit().await.expect("commits");
    let standing = rows.refresh().standing(&parent.digest).await.expect("reads").expect("there");
    let Presented::Again(spent) = standing.presented(grace, world.now()) else { panic!("the child is unused") };
    assert_eq!((spent.child, spent.sealed_child.as_slice()), (child.digest, [1, 2, 3].as_slice()));

    let grandchild = RefreshToken { turns: 2, ..world.token(&family) };
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.refresh().spend(&child.digest, &world.spent_for(&grandchild), &grandchild).await.expect("runs"));
    tx.commit().await.expect("commits");
    let standing = rows.refresh().standing(&parent.digest).await.expect("reads").expect("there");
    assert!(standing.child_spent);
    let turns = rows.refresh().standing(&grandchild.digest).await.expect("reads").expect("there").token.turns;
    assert_eq!((standing.token.turns, turns), (0, 2));
    assert!(matches!(standing.presented(grace, world.now()), Presented::Replayed));
    assert!(rows.refresh().standing(&world.digest()).await.expect("reads").is_none());
}

//! Challenges and nonces are remembered for a day, in as many places as there are, and each is found out in two sessions.

use std::time::Duration;

use chancery_domain::{
    fresh_value::{FreshKind, FreshValue, Reuse},
    id::SessionId,
    ports::store::Store,
    version::Version,
};
use chancery_testkit::builders;
use tokio::task::JoinSet;

use crate::world::{Home, World};

super::conformance! {
    t063_a_value_of_another_session_is_told,
    t063_a_value_is_forgotten_after_a_day,
    t063_of_16_sessions_with_one_value_all_but_the_first_are_told,
    t063_of_16_tasks_one_warns,
    t300_no_more_is_remembered_than_there_are_places,
    it_is_purged_by_age_and_goes_with_its_client,
}

fn values(challenge: &str, nonce: &str) -> [FreshValue; 2] {
    [FreshValue::of(FreshKind::Challenge, challenge), FreshValue::of(FreshKind::Nonce, nonce)]
}

async fn remember(world: &World, home: &Home, session: SessionId, values: &[FreshValue]) -> Vec<Reuse> {
    let tx = world.begin(home.tenant.id).await;
    let reused = tx.fresh_values().remember(home.client.uid, session, values, world.now()).await.expect("runs");
    tx.commit().await.expect("commits");
    reused
}

fn session(world: &World) -> SessionId {
    SessionId::generate(&*world.random, world.now())
}

async fn t063_a_value_of_another_session_is_told(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let [first, second] = [(); 2].map(|()| session(&world));
    for _ in 0..2 {
        assert_eq!(remember(&world, &home, first, &values("c", "n")).await, [], "again in the same session");
    }
    assert_eq!(remember(&world, &other, second, &values("c", "n")).await, [], "another tenant's client");
    let client = builders::public_client("other", &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&client).await.expect("inserts");
    let told = tx.fresh_values().remember(client.uid, second, &values("c", "n"), world.now()).await.expect("runs");
    assert_eq!(told, [], "another client");
    tx.commit().await.expect("commits");

    let [challenge, nonce] = FreshKind::ALL.map(|kind| Reuse { kind, session: first });
    assert_eq!(remember(&world, &home, second, &values("c", "new")).await, [challenge]);
    assert_eq!(remember(&world, &home, second, &values("c", "n")).await, [challenge, nonce], "and again");
    assert_eq!(remember(&world, &home, second, &values("n", "c")).await, [], "a nonce is no challenge");
    assert_eq!(remember(&world, &home, second, &values("c", "n")[1..]).await, [nonce]);
    assert_eq!(remember(&world, &home, first, &values("c", "n")).await, [], "it stays the first one's");
    assert_eq!(remember(&world, &home, first, &[]).await, []);
}

async fn t063_a_value_is_forgotten_after_a_day(world: World) {
    let home = world.home("acme").await;
    let [first, second, third] = [(); 3].map(|()| session(&world));
    remember(&world, &home, first, &values("c", "n")).await;
    world.clock.advance(FreshValue::REMEMBERED.saturating_sub(Duration::from_secs(1)));
    assert_eq!(remember(&world, &home, second, &values("c", "n")).await.len(), 2);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(remember(&world, &home, second, &values("c", "n")).await, [], "from now on it is this one's");
    let told = remember(&world, &home, third, &values("c", "n")).await;
    assert!(told.len() == 2 && told.iter().all(|reuse| reuse.session == second), "{told:?}");
}

async fn t063_of_16_sessions_with_one_value_all_but_the_first_are_told(world: World) {
    let home = world.home("acme").await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (storage, tenant, client) = (world.storage.clone(), home.tenant.id, home.client.uid);
        let (session, now) = (session(&world), world.now());
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let told = tx.fresh_values().remember(client, session, &values("c", "n"), now).await.expect("runs");
            tx.commit().await.expect("commits");
            told.len()
        });
    }
    let mut told = tasks.join_all().await;
    told.sort_unstable();
    assert_eq!(told, [&[0][..], &[2; 15]].concat());
}

async fn t063_of_16_tasks_one_warns(world: World) {
    let home = world.home("acme").await;
    let warned = async || {
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let (storage, tenant, client, now) = (world.storage.clone(), home.tenant.id, home.client.uid, world.now());
            tasks.spawn(async move {
                let tx = Store::begin(&storage, tenant).await.expect("begins");
                let may = tx.fresh_values().may_warn(client, FreshKind::Nonce, now).await.expect("runs");
                tx.commit().await.expect("commits");
                may
            });
        }
        tasks.join_all().await.into_iter().filter(|may| *may).count()
    };
    assert_eq!(warned().await, 1);
    world.clock.advance(FreshValue::QUIET.saturating_sub(Duration::from_secs(1)));
    assert_eq!(warned().await, 0);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.fresh_values().may_warn(home.client.uid, FreshKind::Challenge, world.now()).await.expect("runs"));
    drop(tx);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(warned().await, 1);
}

async fn t300_no_more_is_remembered_than_there_are_places(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    let (here, there) = (session(&world), session(&world));
    let constant = FreshValue::of(FreshKind::Nonce, "constant");
    let elsewhere = |n: &u32| FreshValue::of(FreshKind::Nonce, &n.to_string()).place() != constant.place();
    let remember = async |session, value| {
        let rows = tx.fresh_values();
        rows.remember(home.client.uid, session, &[value], world.now()).await.expect("runs").len()
    };
    assert_eq!(remember(here, constant).await, 0);
    // More than one for each place of some, and of one of them very many.
    for n in (0..300).filter(elsewhere) {
        assert_eq!(remember(there, FreshValue::of(FreshKind::Nonce, &n.to_string())).await, 0);
    }
    let crowded = FreshValue::of(FreshKind::Nonce, "0").place();
    let same_place = (1..).map(|n: u32| FreshValue::of(FreshKind::Nonce, &n.to_string()));
    for value in same_place.filter(|value| value.place() == crowded).take(5) {
        assert_eq!(remember(there, value).await, 0, "the next one takes the place");
    }
    assert_eq!(remember(there, constant).await, 1, "what is constant is found out in the flood");
    tx.commit().await.expect("commits");
    let of_place = format!("SELECT COUNT(*) FROM fresh_values WHERE place = {crowded}");
    assert_eq!(world.number(&of_place).await, 1);
    assert!(world.number("SELECT MAX(place) FROM fresh_values").await < i64::from(FreshValue::PLACES));
}

async fn it_is_purged_by_age_and_goes_with_its_client(world: World) {
    let home = world.home("acme").await;
    let count = async |table: &str| world.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    remember(&world, &home, session(&world), &values("c", "n")).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.fresh_values().may_warn(home.client.uid, FreshKind::Nonce, world.now()).await.expect("runs"));
    tx.commit().await.expect("commits");
    let purged = async || {
        let tx = world.begin_platform().await;
        let removed = tx.purge_expired(world.now(), 1000).await.expect("purges");
        tx.commit().await.expect("commits");
        removed
    };
    world.clock.advance(FreshValue::QUIET);
    assert_eq!((purged().await, count("fresh_values").await, count("fresh_warnings").await), (1, 2, 0));
    world.clock.advance(FreshValue::REMEMBERED.saturating_sub(FreshValue::QUIET));
    assert_eq!((purged().await, count("fresh_values").await), (2, 0));

    remember(&world, &home, session(&world), &values("c", "n")).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.fresh_values().may_warn(home.client.uid, FreshKind::Nonce, world.now()).await.expect("runs"));
    tx.clients().delete(&home.client.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!((count("fresh_values").await, count("fresh_warnings").await), (0, 0));
}

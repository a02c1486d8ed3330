//! What nobody can use any more goes, a little at a time; what somebody can, stays.

use std::time::Duration;

use chancery_domain::{
    ports::store::Remembered,
    token_id::{TokenId, TokenOrigin},
    used_once::UsedOnce,
};

use crate::{
    trusted_issuers::issuer,
    world::{DAY, HOUR, Home, World},
};

super::conformance! {
    what_is_over_goes_after_a_while,
    a_purge_is_bounded,
    t074_t236_t249_what_must_not_be_believed_again_outlives_clocks_that_are_behind,
}

async fn what_is_over_goes_after_a_while(world: World) {
    let home = filled(&world).await;
    assert_eq!(purge(&world, 100).await, 0);

    // After a day and an hour the short-lived things are over, and not yet forgotten.
    world.clock.advance(DAY + HOUR);
    assert_eq!(purge(&world, 100).await, 3, "a code, a denial and a remembered request");
    assert_eq!(counts(&world).await, [0, 1, 1, 1, 1, 0, 0]);
    world.clock.advance(DAY);
    assert_eq!(purge(&world, 100).await, 2, "a session, and a grant with its family");
    assert_eq!(counts(&world).await, [0, 0, 0, 0, 0, 0, 0]);
    let changes = world.number("SELECT COUNT(*) FROM changes").await;
    assert!(changes > 1);
    world.end_of_feed().await;
    world.clock.advance(7 * DAY);
    let all_but_the_last = u64::try_from(changes - 1).expect("a number");
    assert_eq!(purge(&world, 100).await, all_but_the_last);
    assert!(world.read(home.tenant.id).users().find(home.user.id).await.expect("reads").is_some());
}

async fn a_purge_is_bounded(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    for _ in 0..10 {
        tx.codes().insert(&world.code(&home)).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    world.clock.advance(2 * DAY);
    assert_eq!([purge(&world, 4).await, purge(&world, 4).await, purge(&world, 4).await], [4, 4, 2]);
}

pub(crate) async fn purge(world: &World, batch: u32) -> u64 {
    let tx = world.begin_platform().await;
    let removed = tx.purge_expired(world.now(), batch).await.expect("purges");
    tx.commit().await.expect("commits");
    removed
}

async fn counts(world: &World) -> [i64; 7] {
    let tables =
        ["codes", "sessions", "grants", "refresh_families", "refresh_tokens", "denied_tokens", "remembered_requests"];
    let mut counts = [0; 7];
    for (count, table) in counts.iter_mut().zip(tables) {
        *count = world.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    }
    counts
}

async fn filled(world: &World) -> Home {
    let home = world.home("acme").await;
    world.family_of(&home).await;
    let denied = TokenId::generate(TokenOrigin::Client(home.client.uid), &*world.random);
    let answer = Remembered { request: world.digest(), answer: vec![] };
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().insert(&world.session(home.user.id)).await.expect("inserts");
    tx.codes().insert(&world.code(&home)).await.expect("inserts");
    tx.grants().deny(&denied, world.now() + HOUR).await.expect("denies");
    tx.requests().remember("key", "Create", "id", &answer, world.now() + HOUR).await.expect("remembers");
    tx.commit().await.expect("commits");
    home
}

async fn t074_t236_t249_what_must_not_be_believed_again_outlives_clocks_that_are_behind(world: World) {
    let home = world.home("acme").await;
    let until = world.now() + HOUR;
    let denied = TokenId::generate(TokenOrigin::Client(home.client.uid), &*world.random);
    let issuer = issuer(&world);
    let tx = world.begin(home.tenant.id).await;
    tx.trusted_issuers().insert(&issuer).await.expect("inserts");
    tx.trusted_issuers().spend(&issuer.slug, &world.digest(), until).await.expect("runs");
    tx.replay_memory().spend(&UsedOnce::assertion(home.client.uid, "one", until), world.now()).await.expect("runs");
    tx.grants().deny(&denied, until).await.expect("denies");
    tx.commit().await.expect("commits");
    // The clock of whoever purges may be that much ahead of another one, by which all of it is good still.
    world.clock.advance(HOUR + Duration::from_secs(59));
    assert_eq!(purge(&world, 100).await, 0);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(purge(&world, 100).await, 3, "a denial and two assertions");
}

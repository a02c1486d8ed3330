//! A device's wish is decided once and taken once.

use std::{net::IpAddr, time::Duration};

use chancery_domain::{
    device::{Approval, DeviceAuthorization, DeviceState},
    fault::WriteError,
    id::{GrantId, SessionId},
    ports::{grants::GrantSelection, store::Store},
    scope::ScopeSet,
};
use tokio::task::JoinSet;

use crate::world::{DAY, Home, World};

super::conformance! {
    a_wish_is_found_by_either_code,
    of_64_decisions_one_counts_and_of_64_redemptions_one,
    t223_a_question_that_comes_too_early_makes_the_next_wait_longer,
    what_is_too_old_neither_moves_nor_stays,
    what_was_allowed_goes_with_the_grants_that_it_would_become,
}

fn wish(world: &World, home: &Home) -> DeviceAuthorization {
    DeviceAuthorization {
        digest: world.digest(),
        user_code: world.digest(),
        client: home.client.uid,
        scopes: ScopeSet::parse("openid email").expect("scopes"),
        resources: ["urn:b"].map(|uri| uri.parse().expect("a URI")).into_iter().collect(),
        place: IpAddr::from([192, 0, 2, 7]),
        interval: DeviceAuthorization::INTERVAL,
        state: DeviceState::Pending,
        created_at: world.now(),
        expires_at: world.now() + DeviceAuthorization::LIFE,
    }
}

fn approval(world: &World, home: &Home) -> Approval {
    Approval {
        grant: GrantId::generate(&*world.random, world.now()),
        user: home.user.id,
        session: SessionId::generate(&*world.random, world.now()),
        authenticated_at: world.now(),
        amr: vec!["pwd".into()],
    }
}

async fn stored(world: &World, home: &Home) -> DeviceAuthorization {
    let wish = wish(world, home);
    let tx = world.begin(home.tenant.id).await;
    tx.devices().insert(&wish).await.expect("inserts");
    tx.commit().await.expect("commits");
    wish
}

async fn a_wish_is_found_by_either_code(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let wish = stored(&world, &home).await;
    let rows = world.read(home.tenant.id);
    for found in [
        rows.devices().find(&wish.digest).await.expect("reads"),
        rows.devices().find_by_user_code(&wish.user_code).await.expect("reads"),
    ] {
        let found = found.expect("there");
        assert_eq!((found.digest, found.user_code, found.client), (wish.digest, wish.user_code, wish.client));
        assert_eq!((found.scopes, found.resources), (wish.scopes.clone(), wish.resources.clone()));
        assert_eq!((found.place, found.interval, found.state), (wish.place, wish.interval, DeviceState::Pending));
        assert_eq!((found.created_at, found.expires_at), (wish.created_at, wish.expires_at));
    }
    assert!(rows.devices().find(&wish.user_code).await.expect("reads").is_none());
    let elsewhere = world.read(other.tenant.id);
    assert!(elsewhere.devices().find_by_user_code(&wish.user_code).await.expect("reads").is_none());
    assert_eq!(rows.devices().waiting(world.now()).await.expect("counts"), 1);
    assert_eq!(elsewhere.devices().waiting(world.now()).await.expect("counts"), 0);
    assert_eq!(rows.devices().waiting(wish.expires_at).await.expect("counts"), 0);
    // A user code belongs to one device; the transaction stays good.
    let tx = world.begin(home.tenant.id).await;
    let twin = DeviceAuthorization { digest: world.digest(), ..wish.clone() };
    assert!(matches!(tx.devices().insert(&twin).await, Err(WriteError::Taken(_))));
    let sister = DeviceAuthorization { user_code: world.digest(), ..twin };
    tx.devices().insert(&sister).await.expect("inserts");
    tx.commit().await.expect("commits");
    let tx = world.begin(other.tenant.id).await;
    let same = DeviceAuthorization { client: other.client.uid, ..wish };
    tx.devices().insert(&same).await.expect("another tenant's are its own");
}

async fn of_64_decisions_one_counts_and_of_64_redemptions_one(world: World) {
    let home = world.home("acme").await;
    let wish = stored(&world, &home).await;
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        let (storage, tenant, digest, now) = (world.storage.clone(), home.tenant.id, wish.digest, world.now());
        let approval = approval(&world, &home);
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let moved = if n % 2 == 0 {
                tx.devices().approve(&digest, &approval, now).await
            } else {
                tx.devices().deny(&digest, now).await
            };
            tx.commit().await.expect("commits");
            (moved.expect("runs"), n % 2 == 0)
        });
    }
    let moved: Vec<_> = tasks.join_all().await.into_iter().filter(|(moved, _)| *moved).collect();
    assert_eq!(moved.len(), 1);
    let found = world.read(home.tenant.id).devices().find(&wish.digest).await.expect("reads").expect("there");
    assert_eq!(matches!(found.state, DeviceState::Approved(_)), moved[0].1);

    let wish = stored(&world, &home).await;
    let allowed = approval(&world, &home);
    let tx = world.begin(home.tenant.id).await;
    assert!(!tx.devices().redeem(&wish.digest, world.now()).await.expect("runs"), "nobody has decided");
    assert!(tx.devices().approve(&wish.digest, &allowed, world.now()).await.expect("runs"));
    let found = tx.devices().find(&wish.digest).await.expect("reads").expect("there");
    assert_eq!(found.state, DeviceState::Approved(allowed));
    tx.commit().await.expect("commits");
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (storage, tenant, digest, now) = (world.storage.clone(), home.tenant.id, wish.digest, world.now());
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let redeemed = tx.devices().redeem(&digest, now).await.expect("runs");
            tx.commit().await.expect("commits");
            redeemed
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|redeemed| *redeemed).count(), 1);
    let found = world.read(home.tenant.id).devices().find(&wish.digest).await.expect("reads").expect("there");
    assert_eq!(found.state, DeviceState::Redeemed);
}

async fn t223_a_question_that_comes_too_early_makes_the_next_wait_longer(world: World) {
    let home = world.home("acme").await;
    let wish = stored(&world, &home).await;
    let tx = world.begin(home.tenant.id).await;
    let (begun, second) = (world.now(), Duration::from_secs(1));
    for (after, in_time, interval) in [(0, true, 5), (5, true, 5), (9, false, 10), (18, false, 15), (33, true, 15)] {
        assert_eq!(tx.devices().ask(&wish.digest, begun + after * second).await.expect("runs"), in_time, "{after}");
        let found = tx.devices().find(&wish.digest).await.expect("reads").expect("there");
        assert_eq!(found.interval, interval * second, "{after}");
    }
}

async fn what_is_too_old_neither_moves_nor_stays(world: World) {
    let home = world.home("acme").await;
    let (waiting, allowed) = (stored(&world, &home).await, stored(&world, &home).await);
    let approval = approval(&world, &home);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.devices().approve(&allowed.digest, &approval, world.now()).await.expect("runs"));
    tx.commit().await.expect("commits");
    let end = waiting.expires_at;
    let tx = world.begin(home.tenant.id).await;
    assert!(!tx.devices().approve(&waiting.digest, &approval, end).await.expect("runs"));
    assert!(!tx.devices().deny(&waiting.digest, end).await.expect("runs"));
    assert!(!tx.devices().redeem(&allowed.digest, end).await.expect("runs"));
    drop(tx);
    world.clock.advance(DeviceAuthorization::LIFE + DAY);
    let tx = world.begin_platform().await;
    tx.purge_expired(world.now(), 100).await.expect("purges");
    tx.commit().await.expect("commits");
    assert!(world.read(home.tenant.id).devices().find(&waiting.digest).await.expect("reads").is_none());
}

async fn what_was_allowed_goes_with_the_grants_that_it_would_become(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let session = SessionId::generate(&*world.random, world.now());
    let allowed = async |home: &Home, session| {
        let (wish, approval) = (stored(&world, home).await, Approval { session, ..approval(&world, home) });
        let tx = world.begin(home.tenant.id).await;
        assert!(tx.devices().approve(&wish.digest, &approval, world.now()).await.expect("writes"));
        tx.commit().await.expect("commits");
        wish
    };
    let forget = async |of: GrantSelection| {
        let tx = world.begin(home.tenant.id).await;
        tx.grant_revocations().forget_codes(&of, world.now()).await.expect("forgets");
        tx.commit().await.expect("commits");
    };
    let is_there = async |home: &Home, wish: &DeviceAuthorization| {
        world.read(home.tenant.id).devices().find(&wish.digest).await.expect("reads").is_some()
    };
    let (elsewhere, pending) = (allowed(&other, session).await, stored(&world, &home).await);
    let redeemed = allowed(&home, session).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.devices().redeem(&redeemed.digest, world.now()).await.expect("writes"));
    tx.commit().await.expect("commits");

    let nothing = GrantSelection::default();
    let another = SessionId::generate(&*world.random, world.now());
    for (of, stays) in [
        (GrantSelection { session: Some(another), ..nothing }, true),
        (GrantSelection { session: Some(session), client: Some(home.client.uid), ..nothing }, false),
        (GrantSelection { user: Some(other.user.id), client: Some(home.client.uid), ..nothing }, true),
        (GrantSelection { user: Some(home.user.id), ..nothing }, false),
        (nothing, false),
    ] {
        let wish = allowed(&home, session).await;
        forget(of).await;
        assert_eq!(is_there(&home, &wish).await, stays, "{of:?}");
        forget(nothing).await;
    }
    assert!(is_there(&other, &elsewhere).await, "of another tenant");
    assert!(is_there(&home, &pending).await && is_there(&home, &redeemed).await, "no grants to be");
}

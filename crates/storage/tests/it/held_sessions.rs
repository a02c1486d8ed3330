//! What is given in a session comes before its end, and ends with it, or is not given at all.

use chancery_domain::{
    grant::Grant,
    id::{SessionId, TenantId},
    ports::store::Store,
    time::Timestamp,
};
use chancery_storage::Storage;

use crate::world::{Home, World};

super::conformance! {
    a_session_is_held_until_it_has_ended,
    t190_what_is_given_before_a_session_ends_is_taken_back_with_it,
    t190_nothing_is_given_in_a_session_whose_end_was_first,
    t190_nothing_is_given_once_all_sessions_of_a_user_end,
}

/// Gives that grant in its session, if it can be held.
async fn give(storage: Storage, tenant: TenantId, grant: Grant) -> bool {
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    let held = tx.sessions().hold(grant.session).await.expect("holds");
    if held {
        tx.grants().insert(&grant).await.expect("inserts");
        tx.commit().await.expect("commits");
    }
    held
}

/// Ends that session, and gives how many grants of it were taken back.
async fn sign_out(storage: Storage, tenant: TenantId, session: SessionId, now: Timestamp) -> u64 {
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    assert!(tx.sessions().end(session, now).await.expect("ends"));
    let revoked = tx.grants().revoke_of_session(session, None, now).await.expect("revokes");
    tx.commit().await.expect("commits");
    revoked
}

async fn a_session_is_held_until_it_has_ended(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let session = world.with_session(&home).await;
    let hold = async |home: &Home, id| {
        let tx = world.begin(home.tenant.id).await;
        tx.sessions().hold(id).await.expect("holds")
    };
    assert!(hold(&home, session.id).await);
    assert!(!hold(&other, session.id).await, "of another tenant");
    assert!(!hold(&home, SessionId::generate(&*world.random, world.now())).await, "unknown");
    sign_out(world.storage.clone(), home.tenant.id, session.id, world.now()).await;
    assert!(!hold(&home, session.id).await);
}

async fn t190_what_is_given_before_a_session_ends_is_taken_back_with_it(world: World) {
    let home = world.home("acme").await;
    let session = world.with_session(&home).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.sessions().hold(session.id).await.expect("holds"));
    let out = tokio::spawn(sign_out(world.storage.clone(), home.tenant.id, session.id, world.now()));
    world.stuck(&out).await;
    tx.grants().insert(&world.grant(&home, session.id, "openid")).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert_eq!(out.await.expect("no panic"), 1, "it waited for the grant");
}

async fn t190_nothing_is_given_in_a_session_whose_end_was_first(world: World) {
    let home = world.home("acme").await;
    let session = world.with_session(&home).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.sessions().end(session.id, world.now()).await.expect("ends"));
    let grant = world.grant(&home, session.id, "openid");
    let given = tokio::spawn(give(world.storage.clone(), home.tenant.id, grant));
    world.stuck(&given).await;
    assert_eq!(tx.grants().revoke_of_session(session.id, None, world.now()).await.expect("revokes"), 0);
    tx.commit().await.expect("commits");
    assert!(!given.await.expect("no panic"));
}

async fn t190_nothing_is_given_once_all_sessions_of_a_user_end(world: World) {
    let home = world.home("acme").await;
    let session = world.with_session(&home).await;
    let tx = world.begin(home.tenant.id).await;
    assert_eq!(tx.sessions().end_of_user(home.user.id, world.now()).await.expect("ends"), [session.id]);
    let grant = world.grant(&home, session.id, "openid");
    let given = tokio::spawn(give(world.storage.clone(), home.tenant.id, grant));
    world.stuck(&given).await;
    tx.users().delete(home.user.id, home.user.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(!given.await.expect("no panic"));
}

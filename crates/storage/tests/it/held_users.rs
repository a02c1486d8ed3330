//! What begins for who somebody is now comes before they are changed or removed, and ends with it, or does not begin.

use chancery_domain::{
    code::Code,
    id::{SessionId, TenantId},
    ports::store::Store,
    session::Session,
    time::Timestamp,
    user::{PasswordHash, User},
};
use chancery_storage::Storage;

use crate::world::World;

super::conformance! {
    t098_a_session_that_begins_before_another_password_ends_with_it,
    t098_no_session_begins_once_the_password_is_another,
    t098_no_session_goes_on_once_its_user_is_removed,
    t190_who_is_removed_waits_for_what_is_being_given_to_them,
}

/// Sets another password, and gives the sessions that ended by it.
async fn reset(storage: Storage, tenant: TenantId, mut user: User, now: Timestamp) -> Vec<SessionId> {
    user.password = Some(PasswordHash::new("another".to_owned()));
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    tx.users().update(&user, now).await.expect("updates");
    let ended = tx.sessions().end_of_user(user.id, now).await.expect("ends");
    tx.commit().await.expect("commits");
    ended
}

/// Removes the user, and gives the sessions that ended before.
async fn remove(storage: Storage, tenant: TenantId, user: User, now: Timestamp) -> Vec<SessionId> {
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    tx.users().hold_alone(user.id).await.expect("holds").expect("there");
    let ended = tx.sessions().end_of_user(user.id, now).await.expect("ends");
    tx.users().delete(user.id, user.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    ended
}

/// Lets a session go on with a new proof, or begins it, if the user is still who they were.
async fn sign_in(storage: Storage, tenant: TenantId, user: User, session: Session) -> bool {
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    let current = tx.users().hold(user.id).await.expect("holds");
    let same = current.is_some_and(|current| current.password == user.password);
    if same {
        if !tx.sessions().renew(&session).await.expect("renews") {
            tx.sessions().insert(&session).await.expect("inserts");
        }
        tx.commit().await.expect("commits");
    }
    same
}

async fn t098_a_session_that_begins_before_another_password_ends_with_it(world: World) {
    let home = world.home("acme").await;
    let session = world.session(home.user.id);
    let tx = world.begin(home.tenant.id).await;
    tx.users().hold(home.user.id).await.expect("holds").expect("there");
    let changed = tokio::spawn(reset(world.storage.clone(), home.tenant.id, home.user.clone(), world.now()));
    world.stuck(&changed).await;
    tx.sessions().insert(&session).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert_eq!(changed.await.expect("no panic"), [session.id], "it waited for the session");
}

async fn t098_no_session_begins_once_the_password_is_another(world: World) {
    let home = world.home("acme").await;
    let before = world.with_session(&home).await;
    for session in [before, world.session(home.user.id)] {
        let user = world.read(home.tenant.id).users().find(home.user.id).await.expect("reads").expect("there");
        let tx = world.begin(home.tenant.id).await;
        let mut changed = user.clone();
        changed.password = Some(PasswordHash::new(session.id.to_string()));
        tx.users().update(&changed, world.now()).await.expect("updates");
        tx.sessions().end_of_user(user.id, world.now()).await.expect("ends");
        let begun = tokio::spawn(sign_in(world.storage.clone(), home.tenant.id, user, session));
        world.stuck(&begun).await;
        tx.commit().await.expect("commits");
        assert!(!begun.await.expect("no panic"));
    }
}

async fn t098_no_session_goes_on_once_its_user_is_removed(world: World) {
    let home = world.home("acme").await;
    let session = world.with_session(&home).await;
    let tx = world.begin(home.tenant.id).await;
    tx.users().hold_alone(home.user.id).await.expect("holds").expect("there");
    let begun = tokio::spawn(sign_in(world.storage.clone(), home.tenant.id, home.user.clone(), session));
    world.stuck(&begun).await;
    tx.sessions().end_of_user(home.user.id, world.now()).await.expect("ends");
    tx.users().delete(home.user.id, home.user.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(!begun.await.expect("no panic"));
}

async fn t190_who_is_removed_waits_for_what_is_being_given_to_them(world: World) {
    let home = world.home("acme").await;
    let session = world.with_session(&home).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.sessions().hold(session.id).await.expect("holds"));
    let gone = tokio::spawn(remove(world.storage.clone(), home.tenant.id, home.user.clone(), world.now()));
    world.stuck(&gone).await;
    let code = Code { session: session.id, ..world.code(&home) };
    tx.codes().insert(&code).await.expect("the removal lets what refers to the user be written");
    tx.commit().await.expect("commits");
    assert_eq!(gone.await.expect("no panic"), [session.id]);
    assert!(world.read(home.tenant.id).codes().find(&code.digest).await.expect("reads").is_none());
}

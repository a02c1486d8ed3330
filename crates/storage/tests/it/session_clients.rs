//! Who takes part in a session, and a session that goes on.

use chancery_domain::{grant::RevocationReason, id::ClientUid, session::Session};
use chancery_testkit::builders;

use crate::world::{HOUR, Home, World};

super::conformance! {
    clients_join_a_session_once_and_leave_it,
    who_takes_part_goes_with_the_session_and_with_the_client,
    one_client_loses_what_a_session_gave_it,
    a_session_goes_on_with_another_proof,
    the_sessions_of_a_user_that_end_are_named,
}

async fn taking_part(world: &World, home: &Home, session: &Session) -> Vec<ClientUid> {
    world.read(home.tenant.id).session_clients().of_session(session.id).await.expect("reads")
}

async fn clients_join_a_session_once_and_leave_it(world: World) {
    let (home, other) = (world.home("acme").await, world.home("bolt").await);
    let session = world.with_session(&home).await;
    let more = builders::public_client("more", &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&more).await.expect("inserts");
    for client in [more.uid, home.client.uid, more.uid] {
        tx.session_clients().join(session.id, client).await.expect("joins");
    }
    tx.commit().await.expect("commits");
    let mut both = [home.client.uid, more.uid];
    both.sort();
    assert_eq!(taking_part(&world, &home, &session).await, both);
    assert_eq!(taking_part(&world, &other, &session).await, [], "of another tenant");

    let tx = world.begin(home.tenant.id).await;
    for _ in 0..2 {
        tx.session_clients().leave(session.id, more.uid).await.expect("leaves");
    }
    tx.commit().await.expect("commits");
    assert_eq!(taking_part(&world, &home, &session).await, [home.client.uid]);
}

async fn who_takes_part_goes_with_the_session_and_with_the_client(world: World) {
    let home = world.home("acme").await;
    let session = world.with_session(&home).await;
    let join = async |client| {
        let tx = world.begin(home.tenant.id).await;
        tx.session_clients().join(session.id, client).await.expect("joins");
        tx.commit().await.expect("commits");
    };
    join(home.client.uid).await;
    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete(&home.client.id, home.client.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(taking_part(&world, &home, &session).await, []);

    let more = builders::public_client("more", &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&more).await.expect("inserts");
    tx.commit().await.expect("commits");
    join(more.uid).await;
    let tx = world.begin(home.tenant.id).await;
    tx.users().delete(home.user.id, home.user.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(taking_part(&world, &home, &session).await, []);
}

async fn one_client_loses_what_a_session_gave_it(world: World) {
    let home = world.home("acme").await;
    let session = world.with_session(&home).await;
    let more = builders::public_client("more", &*world.random, world.now());
    let own = world.grant(&home, session.id, "openid");
    let offline = world.grant(&home, session.id, "openid offline_access");
    let theirs = chancery_domain::grant::Grant { client: more.uid, ..world.grant(&home, session.id, "openid") };
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&more).await.expect("inserts");
    for grant in [&own, &offline, &theirs] {
        tx.grants().insert(grant).await.expect("inserts");
    }
    let revoked = tx.grants().revoke_of_session(session.id, Some(home.client.uid), world.now()).await;
    assert_eq!(revoked.expect("revokes"), 1);
    tx.commit().await.expect("commits");
    for (grant, expected) in [(&own, Some(RevocationReason::SignedOut)), (&offline, None), (&theirs, None)] {
        let standing = world.read(home.tenant.id).grants().standing(grant.id).await.expect("reads").expect("there");
        assert_eq!(standing.grant.revoked.map(|(_, reason)| reason), expected);
    }
}

async fn a_session_goes_on_with_another_proof(world: World) {
    let home = world.home("acme").await;
    let before = world.with_session(&home).await;
    let fresh = world.session(home.user.id);
    let after = Session {
        id: before.id,
        authenticated_at: fresh.authenticated_at + HOUR,
        last_seen_at: fresh.last_seen_at + HOUR,
        ..fresh
    };
    let renew = async |session: &Session| {
        let tx = world.begin(home.tenant.id).await;
        let renewed = tx.sessions().renew(session).await.expect("writes");
        tx.commit().await.expect("commits");
        renewed
    };
    let bob = builders::user("bob", &*world.random, world.now());
    assert!(!renew(&Session { user: bob.id, ..after.clone() }).await, "another user's");
    assert!(renew(&after).await);
    let rows = world.read(home.tenant.id);
    assert!(rows.sessions().find(&before.digest).await.expect("reads").is_none(), "the cookie before");
    let found = rows.sessions().find(&after.digest).await.expect("reads").expect("there");
    assert_eq!((found.id, found.authenticated_at), (before.id, after.authenticated_at));

    let tx = world.begin(home.tenant.id).await;
    assert!(tx.sessions().end(before.id, world.now()).await.expect("ends"));
    tx.commit().await.expect("commits");
    assert!(!renew(&after).await, "what has ended does not go on");
}

async fn the_sessions_of_a_user_that_end_are_named(world: World) {
    let home = world.home("acme").await;
    let (one, two, over) =
        (world.with_session(&home).await, world.with_session(&home).await, world.with_session(&home).await);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.sessions().end(over.id, world.now()).await.expect("ends"));
    let mut ended = tx.sessions().end_of_user(home.user.id, world.now()).await.expect("ends");
    tx.commit().await.expect("commits");
    ended.sort();
    let mut expected = [one.id, two.id];
    expected.sort();
    assert_eq!(ended, expected);
}

//! What would end is what ends.

use chancery_domain::{
    grant::RevocationReason,
    ports::impact::{Impact, Standing, Within},
    version::Version,
};
use chancery_testkit::builders;

use crate::world::{HOUR, Home, World};

super::conformance! {
    a_client_takes_what_it_was_given,
    a_user_takes_sessions_and_what_they_gave,
    what_is_over_is_not_counted,
    names_are_few_and_in_order,
}

async fn holding(world: &World, home: &Home, within: Within) -> Impact {
    let standing = Standing { now: world.now(), idle_since: world.now() - HOUR };
    world.read(home.tenant.id).impact().holding(within, standing).await.expect("counts")
}

/// Two grants with a family each, and a session.
async fn filled(world: &World) -> Home {
    let home = world.home("acme").await;
    world.family_of(&home).await;
    world.family_of(&home).await;
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().insert(&world.session(home.user.id)).await.expect("inserts");
    tx.commit().await.expect("commits");
    // Somebody else's, that must not be counted.
    let other = world.home("bolt").await;
    world.family_of(&other).await;
    home
}

async fn a_client_takes_what_it_was_given(world: World) {
    let home = filled(&world).await;
    let of_client = holding(&world, &home, Within::Client(home.client.uid)).await;
    assert_eq!((of_client.users.count, of_client.sessions, of_client.grants, of_client.families), (1, 0, 2, 2));
    assert_eq!(of_client.users.samples, [home.user.id.to_string()]);
    let before = holding(&world, &home, Within::Tenant).await;
    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete(&home.client.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    let after = holding(&world, &home, Within::Tenant).await;
    assert_eq!(before.grants - after.grants, of_client.grants);
    assert_eq!(before.families - after.families, of_client.families);
    assert_eq!((before.sessions, after.sessions), (1, 1));
    assert_eq!((before.clients.count, after.clients.count), (1, 0));
}

async fn a_user_takes_sessions_and_what_they_gave(world: World) {
    let home = filled(&world).await;
    let of_user = holding(&world, &home, Within::User(home.user.id)).await;
    assert_eq!((of_user.clients.count, of_user.sessions, of_user.grants, of_user.families), (1, 1, 2, 2));
    assert_eq!(of_user.clients.samples, [home.client.id.to_string()]);
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().end_of_user(home.user.id, world.now()).await.expect("ends");
    tx.grants().revoke_of_user(home.user.id, RevocationReason::ByAdmin, world.now()).await.expect("revokes");
    tx.commit().await.expect("commits");
    let after = holding(&world, &home, Within::Tenant).await;
    assert_eq!((after.sessions, after.grants, after.families), (0, 0, 0));
}

async fn what_is_over_is_not_counted(world: World) {
    let home = filled(&world).await;
    let standing = Standing { now: world.now(), idle_since: world.now() - HOUR };
    let impact = world.read(home.tenant.id);
    let idle = async |since| impact.impact().idle_sessions(standing, since).await.expect("counts");
    assert_eq!((idle(world.now() - HOUR).await, idle(world.now()).await), (0, 1));
    world.clock.advance(HOUR);
    let after = holding(&world, &home, Within::Tenant).await;
    assert_eq!((after.sessions, after.grants), (0, 2), "a session that is idle for an hour is over here");
    world.clock.advance(24 * HOUR);
    let after = holding(&world, &home, Within::Tenant).await;
    assert_eq!((after.grants, after.families, after.users.count), (0, 0, 1));
}

async fn names_are_few_and_in_order(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    for number in (0..7).rev() {
        let client = builders::public_client(&format!("c{number}"), &*world.random, world.now());
        tx.clients().insert(&client).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    let clients = holding(&world, &home, Within::Tenant).await.clients;
    assert_eq!((clients.count, clients.samples.join(" ").as_str()), (8, "app c0 c1 c2 c3"));
}

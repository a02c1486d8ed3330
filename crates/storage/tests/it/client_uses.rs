//! When clients were used that registered themselves, and which of them were not.

use chancery_domain::{
    client::{Client, ClientUse},
    ports::store::Store,
};
use chancery_testkit::builders;

use crate::world::{DAY, HOUR, World};

super::conformance! {
    a_clients_last_use_is_written_and_tells_who_is_unused,
}

async fn a_clients_last_use_is_written_and_tells_who_is_unused(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let stranger = |name: &str| {
        let mut client = builders::public_client(name, &*world.random, world.now());
        client.registration_token = Some(world.digest());
        client
    };
    let (used, unused) = (stranger("used"), stranger("unused"));
    let tx = world.begin(home.tenant.id).await;
    for client in [&used, &unused] {
        tx.clients().insert(client).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    let (made, tenant) = (world.now(), home.tenant.id);
    let due =
        async |before, after| world.platform().tenants_with_unused_clients(before, after, 10).await.expect("reads");
    assert_eq!(due(made - HOUR, None).await, []);
    assert_eq!(due(made, None).await, [tenant], "operators' clients do not count, nor those of another tenant");
    assert_eq!(due(made, Some(tenant)).await, []);
    assert!(!due(made, None).await.contains(&other.tenant.id));

    // One use comes late, by another replica.
    for at in [made + DAY, made + HOUR] {
        let tx = world.begin(tenant).await;
        tx.client_uses().note_clients(&[ClientUse { tenant, client: used.uid, at }]).await.expect("notes");
        tx.commit().await.expect("commits");
    }
    let unused_since = async |before, most| {
        let tx = world.begin(tenant).await;
        let found = tx.client_uses().unused_since(before, most).await.expect("reads");
        found.into_iter().map(|(id, version)| (id.to_string(), version)).collect::<Vec<_>>()
    };
    let entry = |client: &Client| (client.id.to_string(), client.version);
    assert_eq!(unused_since(made - HOUR, 10).await, []);
    assert_eq!(unused_since(made + HOUR, 10).await, [entry(&unused)]);
    assert_eq!(unused_since(made + DAY, 10).await, [entry(&unused), entry(&used)], "the longest unused first");
    assert_eq!(unused_since(made + DAY, 1).await, [entry(&unused)]);

    // An update leaves the note alone, and what requests report is written when the store closes at the latest.
    let tx = world.begin(tenant).await;
    tx.clients().update(&unused, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    world.storage.client_used(ClientUse { tenant, client: unused.uid, at: made + 2 * DAY });
    let World { storage, url, clock, .. } = &world;
    storage.clone().close().await.expect("closes");
    let again = crate::world::open(url, clock).await;
    let tx = Store::begin(&again, tenant).await.expect("begins");
    let found = tx.client_uses().unused_since(made + DAY, 10).await.expect("reads");
    assert_eq!(found.into_iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>(), ["used"]);
}

//! Clients, as pages of other origins meet them.

use crate::world::World;

super::conformance! {
    t028_the_origins_of_a_tenant_are_those_of_its_enabled_clients,
}

async fn t028_the_origins_of_a_tenant_are_those_of_its_enabled_clients(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let origins = async || world.read(home.tenant.id).clients().origins().await.expect("reads").into_iter();
    assert_eq!(origins().await.count(), 0, "nobody named any");

    let mut client = home.client.clone();
    client.allowed_origins = vec!["https://b.example".to_owned(), "https://a.example:8443".to_owned()];
    let tx = world.begin(home.tenant.id).await;
    client.version = tx.clients().update(&client, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert_eq!(origins().await.collect::<Vec<_>>(), ["https://a.example:8443", "https://b.example"]);
    assert!(world.read(other.tenant.id).clients().origins().await.expect("reads").is_empty(), "of another tenant");

    let disabled = client.disable().expect("was enabled");
    let tx = world.begin(home.tenant.id).await;
    tx.clients().update(&disabled, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert_eq!(origins().await.count(), 0, "of a disabled client");
}

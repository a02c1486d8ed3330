//! A code works once.

use std::time::Duration;

use chancery_domain::{claims_request::WantedClaim, ports::store::Store, vocabulary::Acr};
use tokio::task::JoinSet;

use crate::world::World;

super::conformance! {
    of_64_tasks_one_redeems_a_code,
    a_code_that_is_too_old_is_not_redeemed,
    a_redemption_that_was_not_committed_did_not_happen,
    t059_a_code_is_there_as_long_as_its_client_and_its_tenant_are_good,
}

async fn of_64_tasks_one_redeems_a_code(world: World) {
    let home = world.home("acme").await;
    let code = world.code(&home);
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&code).await.expect("inserts");
    tx.commit().await.expect("commits");

    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (storage, tenant, digest, now) = (world.storage.clone(), home.tenant.id, code.digest, world.now());
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let redeemed = tx.codes().redeem(&digest, now).await.expect("runs");
            tx.commit().await.expect("commits");
            redeemed
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|redeemed| *redeemed).count(), 1);
    let code = world.read(home.tenant.id).codes().find(&code.digest).await.expect("reads").expect("there");
    assert_eq!(code.redeemed_at, Some(world.now()));
}

async fn a_code_that_is_too_old_is_not_redeemed(world: World) {
    let home = world.home("acme").await;
    let mut code = world.code(&home);
    (code.acr, code.grant_begun) = (Some(Acr::Password), true);
    let wanted = WantedClaim { essential: true, values: vec!["Ada \"L.\"".into(), 1.into()] };
    code.claims.userinfo.insert("name".to_owned(), wanted);
    code.resources = ["urn:b", "https://a.example"].map(|uri| uri.parse().expect("a URI")).into_iter().collect();
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&code).await.expect("inserts");
    assert!(!tx.codes().redeem(&code.digest, code.expires_at).await.expect("runs"));
    assert!(tx.codes().redeem(&code.digest, code.expires_at - Duration::from_millis(1)).await.expect("runs"));
    let read = tx.codes().find(&code.digest).await.expect("reads").expect("there");
    assert_eq!((read.challenge, read.nonce, read.scopes), (code.challenge, code.nonce, code.scopes));
    assert_eq!(read.resources, code.resources);
    assert_eq!((read.acr, read.claims, read.grant_begun), (code.acr, code.claims, code.grant_begun));
}

async fn a_redemption_that_was_not_committed_did_not_happen(world: World) {
    let home = world.home("acme").await;
    let code = world.code(&home);
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&code).await.expect("inserts");
    tx.commit().await.expect("commits");
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.codes().redeem(&code.digest, world.now()).await.expect("runs"));
    drop(tx);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.codes().redeem(&code.digest, world.now()).await.expect("runs"));
}

async fn t059_a_code_is_there_as_long_as_its_client_and_its_tenant_are_good(world: World) {
    let home = world.home("acme").await;
    let code = world.code(&home);
    let is_there = async || world.read(home.tenant.id).codes().find(&code.digest).await.expect("reads").is_some();
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&code).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert!(is_there().await);

    let mut client = home.client.clone().disable().expect("disables");
    let tx = world.begin(home.tenant.id).await;
    client.version = tx.clients().update(&client, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert!(!is_there().await, "its client is disabled");
    let tx = world.begin(home.tenant.id).await;
    tx.clients().update(&client.enable().expect("enables"), world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert!(is_there().await);

    let tx = world.begin_platform().await;
    tx.tenants().update(&home.tenant.clone().suspend().expect("suspends"), world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert!(!is_there().await, "its tenant does not serve");
}

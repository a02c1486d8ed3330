//! Initial access tokens are used as often as they are for, and clients that registered themselves are told apart.

use std::time::Duration;

use chancery_domain::{
    id::InitialAccessTokenId,
    ports::store::Store,
    registration::InitialAccessToken,
    secret::{OpaqueToken, TokenKind},
    time::Timestamp,
};
use chancery_testkit::{SeededRandom, builders};
use tokio::task::JoinSet;

use crate::world::{Home, World};

super::conformance! {
    t239_an_initial_access_token_is_read_in_its_tenant_alone,
    t239_of_16_tasks_as_many_use_a_token_as_it_is_for,
    t239_one_that_is_over_or_gone_is_not_used,
    t245_clients_that_registered_themselves_are_counted,
}

async fn made(world: &World, home: &Home, uses_left: u32) -> InitialAccessToken {
    let random = SeededRandom::new(2391);
    let text = OpaqueToken::generate(TokenKind::InitialAccess, &random);
    let token = InitialAccessToken {
        id: InitialAccessTokenId::generate(&random, world.now()),
        digest: text.digest(),
        hint: text.hint(),
        display_name: "partners".to_owned(),
        uses_left,
        created_at: world.now(),
        expires_at: world.now() + Duration::from_secs(60),
    };
    let tx = world.begin(home.tenant.id).await;
    tx.initial_access_tokens().insert(&token).await.expect("inserts");
    tx.commit().await.expect("commits");
    token
}

async fn t239_an_initial_access_token_is_read_in_its_tenant_alone(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let token = made(&world, &home, 3).await;
    let (rows, elsewhere) = (world.read(home.tenant.id), world.read(other.tenant.id));
    assert_eq!(rows.initial_access_tokens().find(&token.digest).await.expect("reads"), Some(token.clone()));
    assert_eq!(rows.initial_access_tokens().all().await.expect("reads"), std::slice::from_ref(&token));
    assert_eq!(elsewhere.initial_access_tokens().find(&token.digest).await.expect("reads"), None);
    let tx = world.begin(other.tenant.id).await;
    assert!(!tx.initial_access_tokens().spend(&token.digest, world.now()).await.expect("runs"));
    assert!(!tx.initial_access_tokens().delete(token.id).await.expect("runs"));
}

async fn t239_of_16_tasks_as_many_use_a_token_as_it_is_for(world: World) {
    let home = world.home("acme").await;
    let token = made(&world, &home, 3).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (storage, tenant, now, digest) = (world.storage.clone(), home.tenant.id, world.now(), token.digest);
        tasks.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let used = tx.initial_access_tokens().spend(&digest, now).await.expect("runs");
            tx.commit().await.expect("commits");
            used
        });
    }
    let used = tasks.join_all().await.into_iter().filter(|used| *used).count();
    assert_eq!(used, 3);
}

async fn t239_one_that_is_over_or_gone_is_not_used(world: World) {
    let home = world.home("acme").await;
    let token = made(&world, &home, 3).await;
    let tx = world.begin(home.tenant.id).await;
    let tokens = tx.initial_access_tokens();
    assert!(!tokens.spend(&token.digest, token.expires_at).await.expect("runs"));
    assert!(tokens.spend(&token.digest, world.now()).await.expect("runs"));
    assert!(tokens.delete(token.id).await.expect("runs"));
    assert!(!tokens.delete(token.id).await.expect("runs"));
    assert!(!tokens.spend(&token.digest, world.now()).await.expect("runs"));
}

async fn t245_clients_that_registered_themselves_are_counted(world: World) {
    let home = world.home("acme").await;
    let always = Timestamp::from_millis(0);
    let count = async |since, most| world.read(home.tenant.id).clients().self_registered(since, most).await;
    assert_eq!(count(always, 9).await.expect("reads"), 0, "operators made what is there");
    let random = SeededRandom::new(2451);
    let tx = world.begin(home.tenant.id).await;
    for name in ["one", "two", "three"] {
        let mut client = builders::public_client(name, &random, world.now());
        client.registration_token = Some(OpaqueToken::generate(TokenKind::Registration, &random).digest());
        tx.clients().insert(&client).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    assert_eq!(count(always, 9).await.expect("reads"), 3);
    assert_eq!(count(always, 2).await.expect("reads"), 2, "no further than was asked");
    assert_eq!(count(world.now() + Duration::from_secs(1), 9).await.expect("reads"), 0);
    let id = "two".parse().expect("an id");
    let read = world.read(home.tenant.id).clients().find(&id).await.expect("reads").expect("there");
    assert!(read.registered_itself());
}

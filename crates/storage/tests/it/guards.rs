//! A write that comes too late is refused, and of two that would make the same thing one is.

use chancery_domain::{
    change::Noun,
    client::{ClientKeys, ClientSecret, IdTokenSigning},
    fault::WriteError,
    id::{ClientUid, SecretId},
    scope::Scope,
    secret::{OpaqueToken, SealedSecret, TokenKind},
    version::Version,
};
use chancery_testkit::builders;

use crate::world::World;

super::conformance! {
    of_two_writers_the_second_comes_too_late,
    a_parallel_update_has_one_winner,
    what_exists_is_taken_and_the_transaction_stays_good,
    an_update_to_a_name_of_somebody_else_is_taken,
    secrets_move_their_client_on,
    sealed_secrets_are_kept_until_they_are_forgotten,
    everything_that_was_written_is_read_back,
}

async fn of_two_writers_the_second_comes_too_late(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    let mut client = home.client.clone();
    client.display_name = "First".into();
    client.version = tx.clients().update(&client, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");

    let tx = world.begin(home.tenant.id).await;
    assert!(matches!(tx.clients().update(&home.client, world.now()).await, Err(WriteError::Stale)));
    assert!(matches!(tx.clients().delete(&home.client.id, Version::FIRST).await, Err(WriteError::Stale)));
    assert!(matches!(tx.users().delete(home.user.id, Version::new(9)).await, Err(WriteError::Stale)));
    drop(tx);

    let stored = world.read(home.tenant.id).clients().find(&home.client.id).await.expect("reads").expect("there");
    assert_eq!((stored.display_name.as_str(), stored.version), ("First", client.version));
    let tx = world.begin_platform().await;
    let mut tenant = home.tenant.clone();
    tenant.display_name = "New".into();
    assert_eq!(tx.tenants().update(&tenant, world.now()).await.expect("updates"), Version::new(2));
    assert!(matches!(tx.tenants().update(&tenant, world.now()).await, Err(WriteError::Stale)));
}

async fn a_parallel_update_has_one_winner(world: World) {
    let home = world.home("acme").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (storage, client, now) = (world.storage.clone(), home.client.clone(), world.now());
        let tenant = home.tenant.id;
        tasks.spawn(async move {
            let tx = chancery_domain::ports::store::Store::begin(&storage, tenant).await.expect("begins");
            let won = tx.clients().update(&client, now).await.is_ok();
            if won {
                tx.commit().await.expect("commits");
            }
            won
        });
    }
    let won = tasks.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

async fn what_exists_is_taken_and_the_transaction_stays_good(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin_platform().await;
    let again = builders::tenant("acme", &*world.random, world.now());
    assert!(matches!(tx.tenants().insert(&again).await, Err(WriteError::Taken(Noun::Tenant))));
    tx.commit().await.expect("commits");

    let tx = world.begin(home.tenant.id).await;
    let client = builders::public_client("app", &*world.random, world.now());
    assert!(matches!(tx.clients().insert(&client).await, Err(WriteError::Taken(Noun::Client))));
    let user = builders::user("ada", &*world.random, world.now());
    assert!(matches!(tx.users().insert(&user).await, Err(WriteError::Taken(Noun::User))));
    let mut namesake = builders::user("grace", &*world.random, world.now());
    namesake.email.clone_from(&home.user.email);
    assert!(matches!(tx.users().insert(&namesake).await, Err(WriteError::Taken(Noun::User))));
    tx.scopes().insert(&scope(&world, "one", "value")).await.expect("inserts");
    let same_slug = scope(&world, "one", "other");
    assert!(matches!(tx.scopes().insert(&same_slug).await, Err(WriteError::Taken(Noun::Scope))));
    let same_value = scope(&world, "two", "value");
    assert!(matches!(tx.scopes().insert(&same_value).await, Err(WriteError::Taken(Noun::Scope))));
    tx.commit().await.expect("commits");
    assert_eq!(world.read(home.tenant.id).scopes().all().await.expect("reads").len(), 1);
}

async fn an_update_to_a_name_of_somebody_else_is_taken(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    let mut grace = builders::user("grace", &*world.random, world.now());
    tx.users().insert(&grace).await.expect("inserts");
    grace.username = home.user.username.clone();
    assert!(matches!(tx.users().update(&grace, world.now()).await, Err(WriteError::Taken(Noun::User))));
}

async fn secrets_move_their_client_on(world: World) {
    let home = world.home("acme").await;
    let token = OpaqueToken::generate(TokenKind::ClientSecret, &*world.random);
    let secret = ClientSecret {
        id: SecretId::generate(&*world.random, world.now()),
        digest: token.digest(),
        sealed: None,
        hint: token.hint(),
        created_at: world.now(),
        expires_at: None,
        last_used_at: None,
    };
    let tx = world.begin(home.tenant.id).await;
    let version = tx.clients().add_secret(&home.client, &secret).await.expect("adds");
    assert!(matches!(tx.clients().add_secret(&home.client, &secret).await, Err(WriteError::Stale)));
    tx.commit().await.expect("commits");
    let client = world.read(home.tenant.id).clients().find(&home.client.id).await.expect("reads").expect("there");
    assert_eq!((client.version, client.secrets.as_slice()), (version, [secret.clone()].as_slice()));
    assert!(client.knows_secret(&token, world.now()));

    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete_secret(&client, secret.id, world.now()).await.expect("deletes");
    tx.commit().await.expect("commits");
    let client = world.read(home.tenant.id).clients().find(&home.client.id).await.expect("reads").expect("there");
    assert!(client.secrets.is_empty());
    let tx = world.begin(home.tenant.id).await;
    let missing = tx.clients().delete_secret(&client, secret.id, world.now()).await;
    assert!(matches!(missing, Err(WriteError::Stale)));
}

async fn sealed_secrets_are_kept_until_they_are_forgotten(world: World) {
    let home = world.home("acme").await;
    let (mut client, _) = builders::confidential_client("legacy", &*world.random, world.now());
    client.id_token_signing = IdTokenSigning::ClientSecret;
    client.secrets[0].sealed = Some(SealedSecret(vec![1, 2, 3]));
    let (mut neighbours, _) = builders::confidential_client("other", &*world.random, world.now());
    neighbours.secrets[0].sealed = Some(SealedSecret(vec![4]));
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&client).await.expect("inserts");
    tx.clients().insert(&neighbours).await.expect("inserts");
    tx.commit().await.expect("commits");
    let read = async |id| world.read(home.tenant.id).clients().find(id).await.expect("reads").expect("there");
    assert_eq!(format!("{:?}", read(&client.id).await), format!("{client:?}"));
    assert!(read(&client.id).await.has_sealed_secrets_alone());

    client.id_token_signing = IdTokenSigning::TenantKey;
    let tx = world.begin(home.tenant.id).await;
    tx.clients().update(&client, world.now()).await.expect("updates");
    tx.clients().forget_sealed_secrets(client.uid).await.expect("forgets");
    tx.commit().await.expect("commits");
    let after = read(&client.id).await;
    assert_eq!((after.id_token_signing, &after.secrets[0].sealed), (IdTokenSigning::TenantKey, &None));
    assert_eq!(after.secrets[0].digest, client.secrets[0].digest);
    assert!(read(&neighbours.id).await.has_sealed_secrets_alone(), "those of others stay");
}

async fn everything_that_was_written_is_read_back(world: World) {
    let home = world.home("acme").await;
    let mut user = home.user.clone().disable().expect("disables");
    user.password = Some(chancery_domain::user::PasswordHash::new("$argon2id$x".into()));
    user.claims = chancery_domain::user::UserClaims::parse(
        serde_json::from_str(r#"{"name":"Ada","address":{"locality":"London"}}"#).expect("json"),
    )
    .expect("claims");
    let jwks = Some(ClientKeys::Jwks(r#"{ "keys": [] }"#.into()));
    let jwks_uri = Some(ClientKeys::JwksUri("https://app.example/keys".parse().expect("an address")));
    for (id, keys) in [("by-value", jwks), ("by-address", jwks_uri), ("without", None)] {
        let mut client = home.client.clone();
        client.id = id.parse().expect("an id");
        client.uid = ClientUid::generate(&*world.random, world.now());
        client.secrets.clear();
        client.metadata.keys = keys;
        let tx = world.begin(home.tenant.id).await;
        tx.clients().insert(&client).await.expect("inserts");
        tx.commit().await.expect("commits");
        let read = world.read(home.tenant.id).clients().find(&client.id).await.expect("reads").expect("there");
        assert_eq!(read.metadata, client.metadata);
    }
    let tx = world.begin(home.tenant.id).await;
    tx.users().update(&user, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    let rows = world.read(home.tenant.id);
    let read = rows.users().find(user.id).await.expect("reads").expect("there");
    assert!(!read.is_enabled());
    assert_eq!((read.password, read.email, read.version), (user.password, user.email, Version::new(2)));
    assert_eq!(read.claims.as_map(), user.claims.as_map());
    let read = rows.clients().find_by_uid(home.client.uid).await.expect("reads").expect("there");
    assert_eq!(format!("{read:?}"), format!("{:?}", home.client));
    let tenants = world.platform();
    let read = tenants.tenants().find_by_slug(&home.tenant.slug).await.expect("reads").expect("there");
    assert_eq!(format!("{read:?}"), format!("{:?}", home.tenant));
    let deleted = read.delete(world.now()).expect("deletes");
    let tx = world.begin_platform().await;
    tx.tenants().update(&deleted, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    let read = tenants.tenants().find(home.tenant.id).await.expect("reads").expect("there");
    assert_eq!(read.state(), deleted.state());
}

fn scope(world: &World, slug: &str, value: &str) -> Scope {
    Scope {
        slug: slug.parse().expect("a slug"),
        value: value.parse().expect("a scope"),
        description: String::new(),
        claims: vec!["shelf".into()],
        version: Version::FIRST,
        created_at: world.now(),
        updated_at: world.now(),
    }
}

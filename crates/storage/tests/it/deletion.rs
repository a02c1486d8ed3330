//! What is deleted takes with it what hangs on it, and nothing else.

use std::time::Duration;

use chancery_domain::{
    consent::Consent,
    encryption_key::EncryptionKind,
    fault::WriteError,
    id::TokenSecretId,
    ports::platform::{PlatformStore, TenantPurge},
    resource::Resource,
    secret::SealedSecret,
    tenant::Tenant,
    token_secret::TokenSecret,
    version::Version,
};

use crate::{
    claim_mappings, encryption_keys, fence,
    world::{Home, World},
};

super::conformance! {
    a_client_takes_its_grants_with_it,
    a_user_takes_sessions_and_grants_with_them,
    a_tenant_takes_everything_with_it,
    t172_a_tenant_whose_purge_has_begun_is_not_brought_back,
    t172_a_tenant_that_is_being_brought_back_is_not_purged,
}

const HANGS_ON: [&str; 5] = ["consents", "grants", "codes", "refresh_families", "refresh_tokens"];

async fn a_client_takes_its_grants_with_it(world: World) {
    let home = filled(&world, "acme").await;
    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete(&home.client.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    for table in HANGS_ON {
        assert_eq!(count(&world, table).await, 0, "{table}");
    }
    assert_eq!(count(&world, "sessions").await, 1);
    assert_eq!(count(&world, "users").await, 1);
}

async fn a_user_takes_sessions_and_grants_with_them(world: World) {
    let home = filled(&world, "acme").await;
    let tx = world.begin(home.tenant.id).await;
    tx.users().delete(home.user.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    for table in HANGS_ON {
        assert_eq!(count(&world, table).await, 0, "{table}");
    }
    assert_eq!(count(&world, "sessions").await, 0);
    assert_eq!(count(&world, "clients").await, 1);
}

async fn a_tenant_takes_everything_with_it(world: World) {
    let (gone, stays) = (filled(&world, "gone").await, filled(&world, "stays").await);
    for tenant in [gone.tenant.id, stays.tenant.id] {
        let id = TokenSecretId::generate(&*world.random, world.now());
        let tx = world.begin(tenant).await;
        let secret = TokenSecret::new(id, SealedSecret(vec![1]), "abcd".into(), &[], world.now());
        let key = encryption_keys::key(&world, EncryptionKind::Rsa);
        tx.encryption_keys().insert(&key).await.expect("inserts");
        tx.token_secrets().insert(&secret).await.expect("inserts");
        let scope = fence::scope(&world);
        let resource = Resource {
            scopes: [scope.value.clone()].into_iter().collect(),
            ..Resource::new("books".parse().expect("a slug"), "urn:books".parse().expect("a URI"), world.now())
        };
        tx.scopes().insert(&scope).await.expect("inserts");
        tx.resources().insert(&resource).await.expect("inserts");
        tx.claim_mappings().insert(&claim_mappings::usual(&world, "unit")).await.expect("inserts");
        tx.commit().await.expect("commits");
    }
    delete(&world, &gone.tenant).await;

    // Until its time is over it can be brought back whole.
    purge_all(&world).await;
    assert!(world.read(gone.tenant.id).users().find(gone.user.id).await.expect("reads").is_some());
    world.clock.advance(Tenant::UNDELETE_WINDOW);
    purge_all(&world).await;
    assert!(world.platform().tenants().find(gone.tenant.id).await.expect("reads").is_none());
    for table in [
        "tenants",
        "clients",
        "users",
        "token_secrets",
        "encryption_keys",
        "resources",
        "resource_scopes",
        "claim_mappings",
    ] {
        assert_eq!(count(&world, table).await, 1, "{table}");
    }
    assert!(world.read(stays.tenant.id).users().find(stays.user.id).await.expect("reads").is_some());

    // The name is free again, and nothing comes back with it.
    let again = world.tenant("gone").await;
    assert!(world.read(again.id).clients().find(&gone.client.id).await.expect("reads").is_none());
}

/// The tenant, deleted.
async fn delete(world: &World, tenant: &Tenant) -> Tenant {
    let deleted = tenant.clone().delete(world.now()).expect("deletes");
    let tx = world.begin_platform().await;
    tx.tenants().update(&deleted, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    world.platform().tenants().find(tenant.id).await.expect("reads").expect("is there")
}

async fn t172_a_tenant_whose_purge_has_begun_is_not_brought_back(world: World) {
    let home = filled(&world, "acme").await;
    let deleted = delete(&world, &home.tenant).await;
    // Somebody reads it in the last moment, and is slow.
    let back = deleted.clone().undelete(world.now()).expect("there was time");
    world.clock.advance(Tenant::UNDELETE_WINDOW);
    assert!(deleted.undelete(world.now()).is_err(), "its rows go from now on");
    let first = purge_some(&world).await.expect("a tenant");
    assert!(first.rows > 0 && !first.is_gone, "{first:?}");
    let tx = world.begin_platform().await;
    assert!(matches!(tx.tenants().update(&back, world.now()).await, Err(WriteError::Stale)));
    drop(tx);
    purge_all(&world).await;
    assert!(world.platform().tenants().find(home.tenant.id).await.expect("reads").is_none());
}

async fn t172_a_tenant_that_is_being_brought_back_is_not_purged(world: World) {
    let home = filled(&world, "acme").await;
    let deleted = delete(&world, &home.tenant).await;
    let back = deleted.undelete(world.now()).expect("there is time");
    world.clock.advance(Tenant::UNDELETE_WINDOW);
    let tx = world.begin_platform().await;
    tx.tenants().update(&back, world.now()).await.expect("updates");
    // Finds it deleted, and waits for the row.
    let (storage, now) = (world.storage.clone(), world.now());
    let purge = tokio::spawn(async move {
        let tx = PlatformStore::begin(&storage).await.expect("begins");
        let purged = tx.purge_tenant(now, 2).await.expect("purges");
        tx.commit().await.expect("commits");
        purged
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    tx.commit().await.expect("commits");
    assert_eq!(purge.await.expect("runs"), None);
    assert!(world.read(home.tenant.id).users().find(home.user.id).await.expect("reads").is_some());
    assert_eq!(count(&world, "refresh_tokens").await, 1);
}

async fn purge_some(world: &World) -> Option<TenantPurge> {
    let tx = world.begin_platform().await;
    let purged = tx.purge_tenant(world.now(), 2).await.expect("purges");
    tx.commit().await.expect("commits");
    purged
}

async fn purge_all(world: &World) {
    while purge_some(world).await.is_some() {}
}

async fn filled(world: &World, slug: &str) -> Home {
    let home = world.home(slug).await;
    world.family_of(&home).await;
    let consent = Consent {
        user: home.user.id,
        client: home.client.uid,
        scopes: home.client.scopes.clone(),
        granted_at: world.now(),
    };
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().insert(&world.session(home.user.id)).await.expect("inserts");
    tx.codes().insert(&world.code(&home)).await.expect("inserts");
    tx.consents().put(&consent).await.expect("puts");
    tx.commit().await.expect("commits");
    home
}

async fn count(world: &World, table: &str) -> i64 {
    world.number(&format!("SELECT COUNT(*) FROM {table}")).await
}

//! What is deleted takes with it what hangs on it, and nothing else.

use chancery_domain::{
    consent::Consent, encryption_key::EncryptionKind, id::TokenSecretId, resource::Resource, secret::SealedSecret,
    token_secret::TokenSecret, version::Version,
};

use crate::{
    claim_mappings, encryption_keys, fence,
    world::{Home, World},
};

super::conformance! {
    a_client_takes_its_grants_with_it,
    a_user_takes_sessions_and_grants_with_them,
    a_tenant_takes_everything_with_it,
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
    let tx = world.begin_platform().await;
    let deleted = gone.tenant.clone().delete(world.now()).expect("deletes");
    tx.tenants().update(&deleted, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");

    // Until its time is over it can be brought back whole.
    purge_all(&world).await;
    assert!(world.read(gone.tenant.id).users().find(gone.user.id).await.expect("reads").is_some());
    world.clock.advance(chancery_domain::tenant::Tenant::UNDELETE_WINDOW);
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

async fn purge_all(world: &World) {
    loop {
        let tx = world.begin_platform().await;
        let removed = tx.purge_expired(world.now(), 2).await.expect("purges");
        tx.commit().await.expect("commits");
        if removed == 0 {
            return;
        }
    }
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

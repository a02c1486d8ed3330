//! Encryption keys: one of each kind is published, and nothing of another tenant's is seen.

use std::time::Duration;

use chancery_domain::{
    change::Noun,
    encryption_key::{EncryptionKey, EncryptionKind},
    fault::WriteError,
    id::{KeyId, TenantId},
    key::SealedPrivateKey,
};

use crate::world::{DAY, HOUR, World, said};

super::conformance! {
    an_encryption_key_is_read_back_in_each_state,
    one_of_each_kind_is_published,
    of_two_that_publish_at_once_one_is_refused,
    an_encryption_key_is_guarded_by_its_version,
    an_encryption_key_is_a_matter_of_its_tenant,
    the_tenant_with_the_oldest_due_key_comes_first,
    each_write_of_an_encryption_key_is_in_the_feed,
    a_row_of_an_encryption_key_that_makes_no_sense_names_its_column,
}

/// A key that is to be replaced in a day.
pub(crate) fn key(world: &World, kind: EncryptionKind) -> EncryptionKey {
    let (id, now) = (KeyId::generate(&*world.random), world.now());
    let public = (format!(r#"{{"kid":"{id}"}}"#), vec![7; 32]);
    EncryptionKey::published(id, kind, public, SealedPrivateKey(vec![1, 2, 3]), now, now + DAY)
}

async fn insert(world: &World, tenant: TenantId, key: &EncryptionKey) -> Result<(), WriteError> {
    let tx = world.begin(tenant).await;
    tx.encryption_keys().insert(key).await?;
    tx.commit().await.expect("commits");
    Ok(())
}

async fn all(world: &World, tenant: TenantId) -> Vec<EncryptionKey> {
    world.read(tenant).encryption_keys().all().await.expect("reads")
}

async fn an_encryption_key_is_read_back_in_each_state(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = key(&world, EncryptionKind::Rsa);
    insert(&world, tenant, &first).await.expect("inserts");
    world.clock.advance(Duration::from_secs(1));
    let second = key(&world, EncryptionKind::P256);
    insert(&world, tenant, &second).await.expect("inserts");
    assert_eq!(all(&world, tenant).await, [first.clone(), second.clone()]);

    let withdrawn = first.withdraw(world.now(), HOUR).expect("withdraws");
    let tx = world.begin(tenant).await;
    let version = tx.encryption_keys().update(&withdrawn).await.expect("updates");
    tx.commit().await.expect("commits");
    let withdrawn = withdrawn.clone().stored_as(withdrawn.state(), version);
    assert_eq!(all(&world, tenant).await, [withdrawn.clone(), second.clone()]);

    let tx = world.begin(tenant).await;
    tx.encryption_keys().delete(&withdrawn.id, withdrawn.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(all(&world, tenant).await, [second]);
}

async fn one_of_each_kind_is_published(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = key(&world, EncryptionKind::Rsa);
    insert(&world, tenant, &first).await.expect("inserts");
    let next = key(&world, EncryptionKind::Rsa);
    assert!(matches!(insert(&world, tenant, &next).await, Err(WriteError::Stale)));
    insert(&world, tenant, &key(&world, EncryptionKind::P256)).await.expect("another kind");
    // The one that is published leaves first, in the same transaction.
    let tx = world.begin(tenant).await;
    tx.encryption_keys().update(&first.withdraw(world.now(), HOUR).expect("withdraws")).await.expect("updates");
    tx.encryption_keys().insert(&next).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert_eq!(all(&world, tenant).await.iter().filter(|key| key.is_published()).count(), 2);
}

async fn of_two_that_publish_at_once_one_is_refused(world: World) {
    let tenant = world.tenant("acme").await.id;
    let keys = [key(&world, EncryptionKind::P256), key(&world, EncryptionKind::P256)];
    let (one, other) = tokio::join!(insert(&world, tenant, &keys[0]), insert(&world, tenant, &keys[1]));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|done| **done).count(), 1);
    assert_eq!(all(&world, tenant).await.len(), 1);
}

async fn an_encryption_key_is_guarded_by_its_version(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = key(&world, EncryptionKind::Rsa);
    insert(&world, tenant, &first).await.expect("inserts");
    let withdrawn = first.clone().withdraw(world.now(), HOUR).expect("withdraws");
    let tx = world.begin(tenant).await;
    tx.encryption_keys().update(&withdrawn).await.expect("updates");
    tx.commit().await.expect("commits");
    let tx = world.begin(tenant).await;
    assert!(matches!(tx.encryption_keys().update(&withdrawn).await, Err(WriteError::Stale)));
    assert!(matches!(tx.encryption_keys().delete(&first.id, first.version).await, Err(WriteError::Stale)));
    drop(tx);
    assert_eq!(all(&world, tenant).await.len(), 1);
}

async fn an_encryption_key_is_a_matter_of_its_tenant(world: World) {
    let (here, there) = (world.tenant("here").await.id, world.tenant("there").await.id);
    let mine = key(&world, EncryptionKind::Rsa);
    insert(&world, here, &mine).await.expect("inserts");
    assert_eq!(all(&world, there).await, []);
    let tx = world.begin(there).await;
    let withdrawn = mine.clone().withdraw(world.now(), HOUR).expect("withdraws");
    assert!(matches!(tx.encryption_keys().update(&withdrawn).await, Err(WriteError::Stale)));
    assert!(matches!(tx.encryption_keys().delete(&mine.id, mine.version).await, Err(WriteError::Stale)));
    tx.encryption_keys().insert(&mine).await.expect("one of its own");
    tx.commit().await.expect("commits");
    assert_eq!(all(&world, here).await, [mine]);
}

async fn the_tenant_with_the_oldest_due_key_comes_first(world: World) {
    let (first, second) = (world.tenant("first").await.id, world.tenant("second").await.id);
    world.tenant("without").await;
    insert(&world, second, &key(&world, EncryptionKind::Rsa)).await.expect("inserts");
    insert(&world, second, &key(&world, EncryptionKind::P256)).await.expect("inserts");
    world.clock.advance(HOUR);
    insert(&world, first, &key(&world, EncryptionKind::Rsa)).await.expect("inserts");
    let due =
        async |after, limit| world.platform().encryption_keys_due(world.now() + after, limit).await.expect("reads");
    assert_eq!(due(HOUR * 22, 10).await, []);
    assert_eq!(due(HOUR * 23, 10).await, [second]);
    assert_eq!(due(HOUR * 24, 10).await, [second, first]);
    assert_eq!(due(HOUR * 24, 1).await, [second]);
}

async fn each_write_of_an_encryption_key_is_in_the_feed(world: World) {
    let tenant = world.tenant("acme").await.id;
    let start = world.platform().latest_change().await.expect("reads");
    let key = key(&world, EncryptionKind::Rsa);
    let tx = world.begin(tenant).await;
    tx.encryption_keys().insert(&key).await.expect("inserts");
    let withdrawn = key.clone().withdraw(world.now(), HOUR).expect("withdraws");
    let version = tx.encryption_keys().update(&withdrawn).await.expect("updates");
    tx.encryption_keys().delete(&key.id, version).await.expect("deletes");
    tx.commit().await.expect("commits");
    let changes = world.platform().committed_changes_after(start, 100).await.expect("reads");
    let ours =
        changes.iter().filter(|change| change.tenant == Some(tenant) && change.noun == Some(Noun::EncryptionKey));
    assert_eq!(ours.map(|change| change.id.clone()).collect::<Vec<_>>(), vec![key.id.to_string(); 3]);
}

async fn a_row_of_an_encryption_key_that_makes_no_sense_names_its_column(world: World) {
    let tenant = world.tenant("acme").await.id;
    insert(&world, tenant, &key(&world, EncryptionKind::Rsa)).await.expect("inserts");
    world.execute("UPDATE encryption_keys SET state = 'withdrawn'").await;
    let fault = world.read(tenant).encryption_keys().all().await.expect_err("makes no sense");
    assert!(said(&fault).contains("withdrawn_at") && said(&fault).contains("encryption_keys"), "{}", said(&fault));
}

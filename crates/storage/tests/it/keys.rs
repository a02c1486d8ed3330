//! One active and one standby key per algorithm at most, a guarded policy, and who is due.

use chancery_domain::{
    fault::WriteError,
    id::KeyId,
    key::{Key, KeyState, SealedPrivateKey},
    key_policy::KeyPolicy,
    ports::store::SealedKek,
    profile::Profile,
    version::Version,
    vocabulary::Algorithm,
};

use crate::{
    rewrap::know,
    world::{HOUR, World},
};

super::conformance! {
    there_is_one_active_and_one_standby_key_per_algorithm,
    a_key_lives_its_life,
    a_policy_is_guarded_by_its_version,
    whose_keys_are_due_is_known,
    a_tenant_has_one_key_of_its_own,
}

async fn there_is_one_active_and_one_standby_key_per_algorithm(world: World) {
    let tenant = world.tenant("acme").await;
    let standby = || key(&world, Algorithm::Es256).announce(world.now()).expect("announces");
    let active = || standby().activate(world.now()).expect("activates");
    let tx = world.begin(tenant.id).await;
    tx.keys().insert(&standby()).await.expect("inserts");
    tx.keys().insert(&active()).await.expect("inserts");
    assert!(matches!(tx.keys().insert(&standby()).await, Err(WriteError::Stale)));
    assert!(matches!(tx.keys().insert(&active()).await, Err(WriteError::Stale)));
    tx.keys().insert(&key(&world, Algorithm::Es256)).await.expect("a key that nobody knows is no rival");
    let other = key(&world, Algorithm::Rs256).announce(world.now()).expect("announces");
    tx.keys().insert(&other).await.expect("another algorithm is no rival");
    tx.commit().await.expect("commits");

    let keys = world.read(tenant.id).keys().all().await.expect("reads");
    let standby = keys.iter().find(|key| key.state().label() == "standby" && key.algorithm == Algorithm::Es256);
    let early = standby.cloned().expect("there").activate(world.now()).expect("activates");
    let tx = world.begin(tenant.id).await;
    assert!(matches!(tx.keys().update(&early).await, Err(WriteError::Stale)));
}

async fn a_key_lives_its_life(world: World) {
    let tenant = world.tenant("acme").await;
    let key = key(&world, Algorithm::EdDsa).announce(world.now()).expect("announces");
    let tx = world.begin(tenant.id).await;
    tx.keys().insert(&key).await.expect("inserts");
    tx.commit().await.expect("commits");
    let read = async || world.read(tenant.id).keys().find(&key.id).await.expect("reads").expect("there");
    let write = async |key: Key| {
        let tx = world.begin(tenant.id).await;
        tx.keys().update(&key).await.expect("updates");
        tx.commit().await.expect("commits");
    };
    let stored = read().await;
    assert_eq!((stored.state(), stored.private), (key.state(), key.private.clone()));
    write(read().await.activate(world.now() + HOUR).expect("activates")).await;
    let announced_at = world.now();
    assert_eq!(read().await.state(), KeyState::Active { announced_at, activated_at: world.now() + HOUR });
    write(read().await.deactivate(world.now() + 2 * HOUR).expect("deactivates")).await;
    write(read().await.destroy_private().expect("destroys")).await;
    let retiring = read().await;
    assert_eq!(retiring.state(), KeyState::Retiring { deactivated_at: world.now() + 2 * HOUR });
    assert_eq!((retiring.private.is_none(), retiring.version), (true, Version::new(4)));
    write(retiring.clone().retire().expect("retires")).await;
    let tx = world.begin(tenant.id).await;
    assert!(matches!(tx.keys().update(&retiring).await, Err(WriteError::Stale)));
    drop(tx);
    write(read().await.purge().expect("purges")).await;
    assert!(world.read(tenant.id).keys().all().await.expect("reads").is_empty());
    assert_eq!(read().await.state(), KeyState::Purged);
}

async fn a_policy_is_guarded_by_its_version(world: World) {
    let tenant = world.tenant("acme").await;
    let policy = KeyPolicy::of(Profile::Oidc);
    let tx = world.begin(tenant.id).await;
    assert_eq!(tx.keys().put_policy(&policy, world.now()).await.expect("puts"), Version::FIRST);
    tx.commit().await.expect("commits");
    let stored = world.read(tenant.id).keys().policy().await.expect("reads");
    assert_eq!(stored, policy);
    let changed = KeyPolicy { algorithms: vec![Algorithm::Ps256, Algorithm::Es256], ..stored };
    let tx = world.begin(tenant.id).await;
    assert_eq!(tx.keys().put_policy(&changed, world.now()).await.expect("puts"), Version::new(2));
    assert!(matches!(tx.keys().put_policy(&changed, world.now()).await, Err(WriteError::Stale)));
    tx.commit().await.expect("commits");
    let stored = world.read(tenant.id).keys().policy().await.expect("reads");
    assert_eq!(stored, KeyPolicy { version: Version::new(2), ..changed });
}

async fn whose_keys_are_due_is_known(world: World) {
    let (first, second, gone) = (world.tenant("first").await, world.tenant("second").await, world.tenant("gone").await);
    for (tenant, due) in [(&first, HOUR), (&second, 2 * HOUR), (&gone, HOUR)] {
        let tx = world.begin(tenant.id).await;
        tx.keys().put_policy(&KeyPolicy::of(Profile::Oidc), world.now()).await.expect("puts");
        tx.keys().schedule(world.now() + due).await.expect("schedules");
        tx.commit().await.expect("commits");
    }
    let tx = world.begin_platform().await;
    let deleted = gone.delete(world.now()).expect("deletes");
    tx.tenants().update(&deleted, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    let due = async |after| world.platform().keys_due(world.now() + after, 10).await.expect("reads");
    assert_eq!(due(HOUR / 2).await, []);
    assert_eq!(due(HOUR).await, [first.id]);
    assert_eq!(due(3 * HOUR).await, [first.id, second.id]);
    assert_eq!(world.platform().keys_due(world.now() + 3 * HOUR, 1).await.expect("reads"), [first.id]);
}

async fn a_tenant_has_one_key_of_its_own(world: World) {
    let tenant = world.tenant("acme").await;
    let kek = SealedKek { master_key: "main".parse().expect("an id"), sealed: vec![1, 2, 3] };
    know(&world, "main").await;
    let tx = world.begin(tenant.id).await;
    tx.keys().insert_kek(&kek).await.expect("inserts");
    assert!(matches!(tx.keys().insert_kek(&kek).await, Err(WriteError::Taken(_))));
    tx.commit().await.expect("commits");
    let stored = world.read(tenant.id).keys().kek().await.expect("reads");
    assert_eq!((stored.master_key, stored.sealed), (kek.master_key, kek.sealed));
}

fn key(world: &World, algorithm: Algorithm) -> Key {
    let id = KeyId::generate(&*world.random);
    Key::generated(id, algorithm, "{}".into(), vec![1], SealedPrivateKey(vec![2]), world.now())
}

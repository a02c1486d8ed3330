//! One active and one standby key per algorithm at most, a guarded policy, and who is due.

use chancery_domain::{
    fault::WriteError,
    id::KeyId,
    key::{Key, KeyState, Origin, Promise, PublicKey, SealedPrivateKey},
    key_census::{KeyCensus, KeyCount},
    key_policy::{KeyPolicy, Margins},
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
    a_key_is_there_once_in_its_tenant_and_may_be_in_another,
    a_suspected_and_a_stolen_key_are_told_apart,
    a_policy_is_guarded_by_its_version,
    whose_keys_are_due_is_known,
    the_keys_of_all_tenants_are_counted,
    a_tenant_has_one_key_of_its_own,
}

async fn there_is_one_active_and_one_standby_key_per_algorithm(world: World) {
    let tenant = world.tenant("acme").await;
    let standby = || key(&world, Algorithm::Es256).announce(world.now()).expect("announces");
    let active = || standby().activate(HOUR, world.now()).expect("activates");
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
    let early = standby.cloned().expect("there").activate(HOUR, world.now()).expect("activates");
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
    write(read().await.activate(HOUR, world.now() + HOUR).expect("activates")).await;
    let announced_at = world.now();
    assert_eq!(read().await.state(), KeyState::Active { announced_at, activated_at: world.now() + HOUR });
    let promised = read().await.promise(2 * HOUR, &Margins::NONE, world.now() + HOUR).expect("promises");
    write(promised.promise(HOUR, &Margins::NONE, world.now() + HOUR).expect("promises")).await;
    let promise = Promise { life: HOUR, until: Some(world.now() + 3 * HOUR) };
    assert_eq!(read().await.promise, promise);
    write(read().await.deactivate(&Margins::NONE, world.now() + 2 * HOUR).expect("deactivates")).await;
    write(read().await.destroy_private().expect("destroys")).await;
    let retiring = read().await;
    let (deactivated_at, retire_at) = (world.now() + 2 * HOUR, world.now() + 3 * HOUR);
    assert_eq!(retiring.state(), KeyState::Retiring { deactivated_at, retire_at });
    assert_eq!((retiring.private.is_none(), retiring.version), (true, Version::new(5)));
    write(retiring.clone().retire(retire_at).expect("retires")).await;
    let tx = world.begin(tenant.id).await;
    assert!(matches!(tx.keys().update(&retiring).await, Err(WriteError::Stale)));
    drop(tx);
    let retired = read().await;
    let dates = (retired.announced_at(), retired.activated_at(), retired.retired_at());
    assert_eq!(dates, (Some(world.now()), Some(world.now() + HOUR), Some(retire_at)));
    write(read().await.purge().expect("purges")).await;
    assert!(world.read(tenant.id).keys().all().await.expect("reads").is_empty());
    assert_eq!(read().await.state(), KeyState::Purged);
}

async fn a_key_is_there_once_in_its_tenant_and_may_be_in_another(world: World) {
    let [acme, globex] = [world.tenant("acme").await, world.tenant("globex").await];
    let brought = |name: &str| {
        let thumbprint = Some("print".to_owned());
        let (id, jwk) = (name.parse().expect("a key id"), "{}".to_owned());
        let public = PublicKey { id, algorithm: Algorithm::Rs256, jwk, thumbprint, seal: vec![1] };
        let key = Key::generated(public, None, Origin::Imported, world.now());
        key.publish_to_verify(world.now() + HOUR, world.now()).expect("publishes")
    };
    let tx = world.begin(acme.id).await;
    tx.keys().insert(&brought("one")).await.expect("inserts");
    tx.commit().await.expect("commits");
    let tx = world.begin(acme.id).await;
    assert!(matches!(tx.keys().insert(&brought("two")).await, Err(WriteError::Taken(_))));
    drop(tx);
    let tx = world.begin(globex.id).await;
    tx.keys().insert(&brought("one")).await.expect("inserts");
    tx.commit().await.expect("commits");
    let stored = world.read(acme.id).keys().find(&"one".parse().expect("a key id")).await.expect("reads");
    let stored = stored.expect("there");
    assert_eq!((stored.origin, stored.private, stored.thumbprint.as_deref()), (Origin::Imported, None, Some("print")));
}

async fn a_suspected_and_a_stolen_key_are_told_apart(world: World) {
    let tenant = world.tenant("acme").await;
    let [suspected, stolen] = [Algorithm::Es256, Algorithm::EdDsa].map(|algorithm| {
        let standby = key(&world, algorithm).announce(world.now());
        standby.and_then(|key| key.activate(HOUR, world.now())).expect("activates")
    });
    let tx = world.begin(tenant.id).await;
    for key in [&suspected, &stolen] {
        tx.keys().insert(key).await.expect("inserts");
    }
    let tainted = suspected.taint(&Margins::STANDARD, world.now()).expect("taints");
    let compromised = stolen.compromise(world.now()).expect("compromises");
    for key in [&tainted, &compromised] {
        tx.keys().update(key).await.expect("updates");
    }
    tx.commit().await.expect("commits");
    for key in [tainted, compromised] {
        let stored = world.read(tenant.id).keys().find(&key.id).await.expect("reads").expect("there");
        assert_eq!((stored.state(), stored.retired_at()), (key.state(), key.retired_at()));
        assert!(stored.private.is_none());
    }
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

async fn the_keys_of_all_tenants_are_counted(world: World) {
    let census = async |before| world.platform().key_census(before).await.expect("reads");
    assert_eq!(census(world.now()).await, KeyCensus::default());

    let (first, second, gone) = (world.tenant("first").await, world.tenant("second").await, world.tenant("gone").await);
    for (tenant, since) in [(&first, 2 * HOUR), (&second, HOUR), (&gone, 9 * HOUR)] {
        let then = world.now() - since;
        let announced = |algorithm| key(&world, algorithm).announce(then).expect("announces");
        let retired = announced(Algorithm::EdDsa).activate(HOUR, then);
        let retired = retired.and_then(|key| key.deactivate(&Margins::NONE, then));
        let retired = retired.and_then(|key| key.retire(then)).expect("retires");
        let tx = world.begin(tenant.id).await;
        for key in [
            announced(Algorithm::Es256),
            announced(Algorithm::Es256).activate(HOUR, then).expect("activates"),
            retired.clone().purge().expect("purges"),
        ] {
            tx.keys().insert(&key).await.expect("inserts");
        }
        tx.keys().put_policy(&KeyPolicy::of(Profile::Oidc), world.now()).await.expect("puts");
        tx.keys().schedule(then).await.expect("schedules");
        tx.commit().await.expect("commits");
    }
    let tx = world.begin_platform().await;
    let deleted = gone.delete(world.now()).expect("deletes");
    tx.tenants().update(&deleted, world.now()).await.expect("updates");
    tx.commit().await.expect("commits");

    let count = |state, active_since| KeyCount { state, algorithm: Algorithm::Es256, keys: 2, active_since };
    let counts = vec![count("active", Some(world.now() - 2 * HOUR)), count("standby", None)];
    let next_due = Some(world.now() - 2 * HOUR);
    assert_eq!(census(world.now() - HOUR).await, KeyCensus { counts: counts.clone(), next_due, overdue: 1 });
    assert_eq!(census(world.now()).await, KeyCensus { counts, next_due, overdue: 2 });
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
    let public = PublicKey { id, algorithm, jwk: "{}".into(), thumbprint: None, seal: vec![1] };
    Key::generated(public, Some(SealedPrivateKey(vec![2])), Origin::Made, world.now())
}

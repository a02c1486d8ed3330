//! Tenants' own keys move between master keys under guards, and none is made under a master key that was released.

use chancery_domain::{
    fault::WriteError,
    id::{AdminKeyId, MasterKeyId, TenantId},
    ports::{
        platform::{MasterKeyCheck, PlatformStore},
        rewrap::SealedCount,
        store::{SealedKek, Store},
    },
    principal::Principal,
    rewrap::{Rewrap, RewrapState},
};
use tokio::time::{Duration, sleep};

use crate::world::{HOUR, World};

super::conformance! {
    there_is_one_rewrap_and_its_version_guards_it,
    whoever_may_call_may_start_one,
    the_turn_is_there_only_while_it_runs_to_that_target,
    a_pause_waits_for_the_turn,
    a_key_is_replaced_by_who_knows_its_bytes,
    a_key_that_failed_is_left_out_and_counted,
    a_master_key_that_seals_anything_is_not_released,
    no_tenant_is_made_under_a_released_master_key,
    a_release_counts_the_tenant_that_is_being_made,
    a_release_and_a_new_tenant_never_both_succeed,
}

fn master(name: &str) -> MasterKeyId {
    name.parse().expect("a name")
}

fn kek(name: &str, byte: u8) -> SealedKek {
    SealedKek { master_key: master(name), sealed: vec![byte; 3] }
}

fn rewrap(world: &World, target: &str, last: Option<&Rewrap>) -> Rewrap {
    let by = Principal::ApiKey(AdminKeyId::generate(&*world.random, world.now()));
    Rewrap::start(last, master(target), by, world.now()).expect("starts")
}

impl World {
    async fn put(&self, rewrap: &Rewrap) -> Result<(), WriteError> {
        let tx = self.begin_platform().await;
        tx.rewraps().put(rewrap).await?;
        tx.commit().await.map_err(WriteError::from)
    }

    async fn rewrap(&self) -> Rewrap {
        self.platform().rewraps().find().await.expect("reads").expect("there")
    }

    async fn insert_kek(&self, tenant: TenantId, kek: &SealedKek) -> Result<(), WriteError> {
        let tx = self.begin(tenant).await;
        tx.keys().insert_kek(kek).await?;
        tx.commit().await.map_err(WriteError::from)
    }

    /// A tenant whose key is sealed under that master key.
    async fn sealed(&self, slug: &str, kek: &SealedKek) -> TenantId {
        let tenant = self.tenant(slug).await.id;
        self.insert_kek(tenant, kek).await.expect("inserts");
        tenant
    }

    async fn counts(&self) -> Vec<(String, u64, u64)> {
        let counts = self.platform().rewraps().counts().await.expect("reads");
        let triple = |SealedCount { master_key, tenants, failed }| (String::from(master_key), tenants, failed);
        counts.into_iter().map(triple).collect()
    }

    async fn release(&self, name: &str) -> bool {
        let tx = self.begin_platform().await;
        let released = tx.rewraps().release(&master(name)).await.expect("runs");
        tx.commit().await.expect("commits");
        released
    }
}

/// Writes the check value of a master key down.
pub(crate) async fn know(world: &World, name: &str) {
    let tx = world.begin_platform().await;
    tx.insert_master_key(&MasterKeyCheck { id: master(name), sealed: vec![1] }).await.expect("inserts");
    tx.commit().await.expect("commits");
}

async fn there_is_one_rewrap_and_its_version_guards_it(world: World) {
    assert!(world.platform().rewraps().find().await.expect("reads").is_none());
    let (first, rival) = (rewrap(&world, "m2", None), rewrap(&world, "m3", None));
    world.put(&first).await.expect("the first");
    assert!(matches!(world.put(&rival).await, Err(WriteError::Stale)), "both saw none");

    let running = world.rewrap().await;
    assert_eq!(running, first.stored_as(RewrapState::Running, world.now(), running.version));
    let later = world.now() + HOUR;
    let paused = running.clone().pause(later).expect("pauses");
    world.put(&paused).await.expect("is the latest");
    assert!(matches!(world.put(&running.finish(later).expect("finishes")).await, Err(WriteError::Stale)));
    let stored = world.rewrap().await;
    assert_eq!((stored.state(), stored.updated_at), (RewrapState::Paused, later));

    let other = rewrap(&world, "m1", Some(&stored));
    world.put(&other).await.expect("takes its place");
    assert_eq!(world.rewrap().await.target, master("m1"));
}

async fn the_turn_is_there_only_while_it_runs_to_that_target(world: World) {
    let take = async |target: &str| {
        let tx = world.begin_platform().await;
        let taken = tx.rewraps().take_turn(&master(target), world.now() + HOUR).await.expect("runs");
        tx.commit().await.expect("commits");
        taken
    };
    assert!(!take("m2").await, "there is none");
    world.put(&rewrap(&world, "m2", None)).await.expect("writes");
    assert!(take("m2").await && !take("m1").await);
    let running = world.rewrap().await;
    assert_eq!(running.updated_at, world.now() + HOUR);
    world.put(&running.pause(world.now()).expect("pauses")).await.expect("the turn is no change of state");
    assert!(!take("m2").await, "it is paused");
}

async fn a_pause_waits_for_the_turn(world: World) {
    let tenant = world.tenant("acme").await.id;
    know(&world, "m1").await;
    world.insert_kek(tenant, &kek("m1", 1)).await.expect("inserts");
    world.put(&rewrap(&world, "m2", None)).await.expect("writes");
    let paused = world.rewrap().await.pause(world.now()).expect("pauses");

    let tx = world.begin_platform().await;
    assert!(tx.rewraps().take_turn(&master("m2"), world.now()).await.expect("runs"));
    let storage = world.storage.clone();
    let pause = tokio::spawn(async move {
        let tx = PlatformStore::begin(&storage).await.expect("begins");
        tx.rewraps().put(&paused).await.expect("writes");
        let kek = tx.of(tenant).keys().kek().await.expect("reads");
        tx.commit().await.expect("commits");
        kek.master_key
    });
    sleep(Duration::from_millis(200)).await;
    assert!(!pause.is_finished(), "it waits");
    assert!(tx.rewraps().replace(tenant, &kek("m1", 1), &kek("m2", 2)).await.expect("runs"));
    tx.commit().await.expect("commits");
    assert_eq!(pause.await.expect("pauses"), master("m2"), "what was moved was moved before");
    assert_eq!(world.rewrap().await.state(), RewrapState::Paused);
}

async fn a_key_is_replaced_by_who_knows_its_bytes(world: World) {
    know(&world, "m1").await;
    let (acme, globex) = (world.sealed("acme", &kek("m1", 1)).await, world.sealed("globex", &kek("m1", 2)).await);
    let tx = world.begin_platform().await;
    let (rewraps, to) = (tx.rewraps(), kek("m2", 9));
    for wrong in [kek("m1", 2), kek("m2", 1), kek("m3", 1)] {
        assert!(!rewraps.replace(acme, &wrong, &to).await.expect("runs"), "{wrong:?}");
    }
    assert!(rewraps.replace(acme, &kek("m1", 1), &to).await.expect("runs"));
    assert!(!rewraps.replace(acme, &kek("m1", 1), &kek("m2", 8)).await.expect("runs"), "the second comes too late");
    tx.commit().await.expect("commits");
    let stored = async |tenant| world.read(tenant).keys().kek().await.expect("reads");
    assert_eq!((stored(acme).await.master_key, stored(acme).await.sealed), (to.master_key, to.sealed));
    assert_eq!(stored(globex).await.sealed, [2; 3], "the neighbour's is as it was");
}

async fn a_key_that_failed_is_left_out_and_counted(world: World) {
    know(&world, "m1").await;
    let mut tenants = [
        world.sealed("acme", &kek("m1", 1)).await,
        world.sealed("globex", &kek("m1", 1)).await,
        world.sealed("initech", &kek("m1", 1)).await,
    ];
    tenants.sort_unstable();
    let under = async |limit| {
        let found = world.platform().rewraps().sealed_under(&master("m1"), limit).await.expect("reads");
        found.into_iter().map(|(tenant, _)| tenant).collect::<Vec<_>>()
    };
    assert_eq!(under(2).await, tenants[..2]);
    let note = async |byte| {
        let tx = world.begin_platform().await;
        let noted = tx.rewraps().note_failure(tenants[0], &kek("m1", byte), world.now()).await.expect("runs");
        tx.commit().await.expect("commits");
        noted
    };
    assert!(!note(7).await, "another key is there");
    assert!(note(1).await && !note(1).await, "it is counted once");
    assert_eq!(under(9).await, tenants[1..]);
    assert_eq!(world.counts().await, [("m1".to_owned(), 3, 1)]);
    assert!(!world.release("m1").await);

    let tx = world.begin_platform().await;
    tx.rewraps().forget_failures().await.expect("runs");
    assert!(tx.rewraps().replace(tenants[0], &kek("m1", 1), &kek("m2", 1)).await.expect("runs"));
    tx.commit().await.expect("commits");
    assert_eq!(world.counts().await, [("m1".to_owned(), 2, 0), ("m2".to_owned(), 1, 0)]);
}

async fn a_master_key_that_seals_anything_is_not_released(world: World) {
    know(&world, "m1").await;
    know(&world, "m2").await;
    let tenant = world.sealed("acme", &kek("m1", 1)).await;
    assert!(!world.release("m1").await && !world.release("m3").await);
    let tx = world.begin_platform().await;
    assert!(tx.rewraps().replace(tenant, &kek("m1", 1), &kek("m2", 1)).await.expect("runs"));
    assert!(tx.rewraps().release(&master("m1")).await.expect("runs"), "in the transaction that counted");
    drop(tx);
    assert!(!world.release("m1").await, "nothing of that was committed");
    let left: Vec<_> = world.platform().master_keys().await.expect("reads").into_iter().map(|check| check.id).collect();
    assert_eq!(left, [master("m1"), master("m2")]);
}

async fn no_tenant_is_made_under_a_released_master_key(world: World) {
    let tenant = world.tenant("acme").await.id;
    assert!(matches!(world.insert_kek(tenant, &kek("m1", 1)).await, Err(WriteError::Stale)), "never written down");
    know(&world, "m1").await;
    assert!(world.release("m1").await);
    assert!(matches!(world.insert_kek(tenant, &kek("m1", 1)).await, Err(WriteError::Stale)));
    know(&world, "m1").await;
    world.insert_kek(tenant, &kek("m1", 1)).await.expect("it is in use again");
}

async fn a_release_counts_the_tenant_that_is_being_made(world: World) {
    know(&world, "m1").await;
    let tenant = world.tenant("acme").await.id;
    let tx = world.begin(tenant).await;
    tx.keys().insert_kek(&kek("m1", 1)).await.expect("inserts");
    let storage = world.storage.clone();
    let release = tokio::spawn(async move {
        let tx = PlatformStore::begin(&storage).await.expect("begins");
        let released = tx.rewraps().release(&master("m1")).await.expect("runs");
        tx.commit().await.expect("commits");
        released
    });
    sleep(Duration::from_millis(200)).await;
    assert!(!release.is_finished(), "it waits");
    tx.commit().await.expect("commits");
    assert!(!release.await.expect("ends"), "one is sealed under it");
}

async fn a_release_and_a_new_tenant_never_both_succeed(world: World) {
    let mut released = 0;
    for round in 0..24_u64 {
        let name = format!("round-{round}");
        know(&world, &name).await;
        let tenant = world.tenant(&name).await.id;
        let (storage, mine) = (world.storage.clone(), kek(&name, 1));
        let insert = tokio::spawn(async move {
            sleep(Duration::from_micros(round * 40)).await;
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let inserted = tx.keys().insert_kek(&mine).await;
            if inserted.is_ok() {
                tx.commit().await.expect("commits");
            }
            inserted
        });
        sleep(Duration::from_micros(400)).await;
        let gone = world.release(&name).await;
        let inserted = insert.await.expect("ends");
        assert_ne!(gone, inserted.is_ok(), "round {round}: {inserted:?}");
        released += u32::from(gone);
    }
    println!("{released} of 24 were released");
}

async fn whoever_may_call_may_start_one(world: World) {
    let mut last = None;
    for starter in ["users/018f0000-0000-7000-8000-000000000000", "certificates/ops.example", "clients/console"] {
        let by: Principal = starter.parse().expect("a principal");
        let done = last.map(|last: Rewrap| last.finish(world.now()).expect("finishes"));
        let rewrap = Rewrap::start(done.as_ref(), master("m2"), by.clone(), world.now()).expect("starts");
        world.put(&rewrap).await.expect("puts");
        last = Some(world.rewrap().await);
        assert_eq!(last.as_ref().map(|rewrap| &rewrap.started_by), Some(&by));
    }
    // A row of before there were other callers.
    world.execute("UPDATE rewrap SET starter = NULL").await;
    assert_eq!(world.rewrap().await.started_by.to_string(), "apiKeys/00000000-0000-0000-0000-000000000000");
}

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chancery_domain::{
    audit::Action,
    change::Noun,
    fault::Fault,
    id::TenantId,
    key_policy::KeyPolicy,
    ports::{platform::PlatformStore, store::Store},
    profile::Profile,
    random::Random,
    tenant::Tenant,
    time::Clock,
};
use chancery_keys::{found, master::MasterKeys};
use chancery_testkit::{FakeClock, SeededRandom, builders, memory::MemoryStore};
use tokio::sync::Notify;

use super::*;

mod audit;
mod deliver;
mod encryption_keys;
mod expire_clients;
mod figures;
mod pacing;

use crate::{
    task::{Task, Woken},
    tasks::{PurgeExpired, RotateKeys},
};

mod rewrap;

#[derive(Clone)]
struct World {
    store: MemoryStore,
    clock: Arc<FakeClock>,
    keys: Arc<chancery_keys::Context>,
}

impl World {
    fn new() -> Self {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(3));
        let (store, clock) = (MemoryStore::default(), Arc::new(FakeClock::new()));
        store.keep_time(clock.clone());
        let masters = MasterKeys::new(vec![("first".parse().expect("an id"), [9; 32])]).expect("master keys");
        let keys = Arc::new(chancery_keys::Context::over(&store, clock.clone(), random, masters));
        Self { store, clock, keys }
    }

    fn process(&self, holder: &str) -> Context {
        Context {
            platform: Arc::new(self.store.clone()),
            keys: Arc::clone(&self.keys),
            holder: holder.into(),
            rotate_cron: "* * * * * *".into(),
            purge_cron: PURGE_CRON.into(),
            measure_cron: None,
            outbox: None,
        }
    }

    async fn tenant(&self, slug: &str) -> TenantId {
        let tenant = builders::tenant(slug, self.keys.random.as_ref(), self.clock.now());
        let policy = KeyPolicy::of(Profile::Oauth21);
        let founding = found::prepare(&self.keys, &tenant, &policy).await.expect("prepared");
        let tx = Store::begin(&self.store, tenant.id).await.expect("begins");
        founding.write(tx.as_ref()).await.expect("written");
        tx.commit().await.expect("commits");
        tenant.id
    }

    fn let_keys_fall_due(&self) {
        self.clock.advance(Duration::from_secs(32 * 86_400));
    }

    fn rotations(&self, tenant: TenantId) -> usize {
        self.store.keys(tenant).iter().filter(|key| key.state().label() == "retiring").count()
    }
}

fn runner(cx: &Context, task: impl Task) -> Runner {
    Runner::new(cx, Arc::new(task))
}

#[tokio::test]
async fn a_tenant_that_is_due_is_rotated_once() {
    let world = World::new();
    let (acme, globex) = (world.tenant("acme").await, world.tenant("globex").await);
    let cx = world.process("one");
    let (rotate, stop) = (runner(&cx, RotateKeys::new(&cx)), CancellationToken::new());
    assert_eq!(rotate.wake(&stop).await, Woken::Idle);

    world.let_keys_fall_due();
    assert_eq!(rotate.wake(&stop).await, Woken::Ran);
    assert_eq!(rotate.wake(&stop).await, Woken::Idle, "and the store knows when to look again");
    assert_eq!((world.rotations(acme), world.rotations(globex)), (1, 1));
}

#[tokio::test]
async fn more_tenants_than_are_worked_on_at_a_time_are_all_rotated() {
    let world = World::new();
    let mut tenants = Vec::new();
    for number in 0..11 {
        tenants.push(world.tenant(&format!("tenant-{number}")).await);
    }
    world.let_keys_fall_due();
    let cx = world.process("one");
    assert_eq!(runner(&cx, RotateKeys::new(&cx)).wake(&CancellationToken::new()).await, Woken::Ran);
    assert!(tenants.into_iter().all(|tenant| world.rotations(tenant) == 1));
}

#[tokio::test]
async fn a_tenant_that_fails_is_put_off_and_holds_nobody_up() {
    let world = World::new();
    let (broken, sound) = (world.tenant("broken").await, world.tenant("sound").await);
    world.let_keys_fall_due();
    world.store.make_unreadable(broken);
    let cx = world.process("one");
    assert_eq!(runner(&cx, RotateKeys::new(&cx)).wake(&CancellationToken::new()).await, Woken::Ran);
    assert_eq!((world.rotations(broken), world.rotations(sound)), (0, 1));
    assert_eq!(world.store.due(broken), Some(world.clock.now() + Duration::from_secs(60)));
}

/// A task that waits until it is let go.
#[derive(Default)]
struct Waiting {
    began: Notify,
    go_on: Notify,
    runs: AtomicU32,
}

#[async_trait]
impl Task for Arc<Waiting> {
    fn name(&self) -> &'static str {
        "waiting"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(true)
    }

    async fn run(&self, _stop: CancellationToken) -> Result<(), Fault> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.began.notify_one();
        self.go_on.notified().await;
        Ok(())
    }
}

#[tokio::test]
async fn of_two_workers_the_one_with_the_lease_runs() {
    let (world, task, stop) = (World::new(), Arc::new(Waiting::default()), CancellationToken::new());
    let one = runner(&world.process("one"), Arc::clone(&task));
    let two = runner(&world.process("two"), Arc::clone(&task));
    let (first, second) = tokio::join!(one.wake(&stop), async {
        task.began.notified().await;
        let second = two.wake(&stop).await;
        task.go_on.notify_one();
        second
    });
    assert_eq!((first, second), (Woken::Ran, Woken::Elsewhere));
    task.go_on.notify_one();
    assert_eq!(two.wake(&stop).await, Woken::Ran, "the lease was given back");
}

#[tokio::test]
async fn the_lease_of_a_worker_that_died_ends() {
    let world = World::new();
    let (cx, stop) = (world.process("two"), CancellationToken::new());
    let dead = runner(&world.process("one"), Arc::new(Waiting::default()));
    let dying = tokio::time::timeout(Duration::from_millis(50), dead.wake(&stop));
    assert!(dying.await.is_err(), "cut off in the middle, its lease not given back");
    let task = Arc::new(Waiting::default());
    task.go_on.notify_one();
    let other = runner(&cx, Arc::clone(&task));
    assert_eq!(other.wake(&stop).await, Woken::Elsewhere);
    world.clock.advance(Duration::from_secs(90));
    assert_eq!(other.wake(&stop).await, Woken::Ran);
}

#[tokio::test]
async fn ticks_that_overlap_run_the_task_once() {
    let (world, task, stop) = (World::new(), Arc::new(Waiting::default()), CancellationToken::new());
    let runner = runner(&world.process("one"), Arc::clone(&task));
    let (first, others) = tokio::join!(runner.wake(&stop), async {
        task.began.notified().await;
        let others = [runner.wake(&stop).await, runner.wake(&stop).await];
        task.go_on.notify_one();
        others
    });
    assert_eq!((first, others), (Woken::Ran, [Woken::Overlapping; 2]));
    assert_eq!(task.runs.load(Ordering::SeqCst), 1);
}

/// A task that goes wrong.
struct Panicking;

#[async_trait]
impl Task for Panicking {
    fn name(&self) -> &'static str {
        "panicking"
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(true)
    }

    async fn run(&self, _stop: CancellationToken) -> Result<(), Fault> {
        panic!("as the test wants it")
    }
}

#[tokio::test]
async fn a_panic_and_a_task_without_end_are_contained() {
    let (world, stop) = (World::new(), CancellationToken::new());
    let panicking = runner(&world.process("one"), Panicking);
    assert_eq!(panicking.wake(&stop).await, Woken::Failed);
    assert_eq!(panicking.wake(&stop).await, Woken::Failed, "it is woken again");

    let task = Arc::new(Waiting::default());
    let endless = runner(&world.process("one"), Arc::clone(&task)).within(Duration::from_millis(20));
    assert_eq!(endless.wake(&stop).await, Woken::Failed);
    task.go_on.notify_one();
    assert_eq!(endless.wake(&stop).await, Woken::Ran);
}

#[tokio::test]
async fn expired_rows_are_purged() {
    let world = World::new();
    let cx = world.process("one");
    assert_eq!(runner(&cx, PurgeExpired::new(&cx)).wake(&CancellationToken::new()).await, Woken::Ran);
    assert_eq!(world.store.purges(), 1);
}

#[tokio::test]
async fn t172_a_tenant_that_goes_for_good_is_told_of_where_the_platform_looks() {
    let world = World::new();
    let tenant = builders::tenant("acme", world.keys.random.as_ref(), world.clock.now());
    let tx = PlatformStore::begin(&world.store).await.expect("begins");
    tx.tenants().insert(&tenant).await.expect("inserts");
    let deleted = tenant.clone().delete(world.clock.now()).expect("deletes");
    tx.tenants().update(&deleted, world.clock.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    let (cx, stop) = (world.process("one"), CancellationToken::new());
    let purge = runner(&cx, PurgeExpired::new(&cx));
    world.clock.advance(Tenant::UNDELETE_WINDOW.saturating_sub(Duration::from_secs(1)));
    purge.wake(&stop).await;
    assert!(world.store.audit().is_empty(), "it can still be brought back");

    world.clock.advance(Duration::from_secs(1));
    purge.wake(&stop).await;
    purge.wake(&stop).await;
    let told: Vec<_> =
        world.store.audit().into_iter().map(|event| (event.tenant, event.action, event.object)).collect();
    assert_eq!(told, [(None, Action::Purged, Some((Noun::Tenant, tenant.id.to_string())))]);
    assert!(PlatformStore::read(&world.store).tenants().find(tenant.id).await.expect("reads").is_none());
}

#[tokio::test]
async fn the_worker_does_what_fell_due_at_its_start_and_on_every_tick_until_it_is_stopped() {
    let world = World::new();
    let early = world.tenant("early").await;
    world.let_keys_fall_due();
    let stop = CancellationToken::new();
    let worker = tokio::spawn(run(world.process("one"), stop.clone()));
    let rotated = async |tenant| {
        while world.rotations(tenant) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), rotated(early)).await.expect("at the start");
    let late = world.tenant("late").await;
    world.let_keys_fall_due();
    tokio::time::timeout(Duration::from_secs(10), rotated(late)).await.expect("on a tick");
    stop.cancel();
    worker.await.expect("no panic").expect("stopped");
}

#[tokio::test]
async fn a_time_table_that_cannot_be_read_is_refused() {
    let world = World::new();
    for cron in ["* * * * *", "every second", "", "61 * * * * *", "* * * * * * 2030"] {
        let cx = Context { purge_cron: cron.into(), ..world.process("one") };
        let refused = run(cx, CancellationToken::new()).await;
        assert!(matches!(&refused, Err(WorkerError::Cron { task: "purge_expired", .. })), "{cron}: {refused:?}");
    }
}

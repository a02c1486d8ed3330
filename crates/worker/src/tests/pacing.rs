//! Thousands of tenants that are due together are moved gently, each once. Time is tokio's, which stands still while
//! anything works and jumps to the next sleeper when all rest.

use chancery_domain::{
    audit::AuditEvent,
    ports::store::{TenantReader, TenantTx},
};
use tokio::time::{Instant, sleep};

use super::*;

/// A store on which every transaction of a tenant takes its time.
struct Slow(MemoryStore, Duration);

#[async_trait]
impl Store for Slow {
    fn read(&self, tenant: TenantId) -> Box<dyn TenantReader> {
        Store::read(&self.0, tenant)
    }

    async fn begin(&self, tenant: TenantId) -> Result<Box<dyn TenantTx>, Fault> {
        sleep(self.1).await;
        Store::begin(&self.0, tenant).await
    }

    fn audit_later(&self, event: AuditEvent) {
        self.0.audit_later(event);
    }
}

/// Tenants that are all due, and a process that takes `span` for each of their transactions: the rotation, and the second
/// look at what it began.
async fn due_together(world: &World, number: usize, span: Duration) -> (Context, Vec<TenantId>) {
    let mut tenants = Vec::new();
    for number in 0..number {
        tenants.push(world.tenant(&format!("tenant-{number}")).await);
    }
    world.let_keys_fall_due();
    let slow = chancery_keys::Context { store: Arc::new(Slow(world.store.clone(), span)), ..(*world.keys).clone() };
    (Context { keys: Arc::new(slow), ..world.process("one") }, tenants)
}

#[tokio::test(start_paused = true)]
async fn what_is_due_for_a_few_is_done_at_full_speed() {
    let world = World::new();
    let (cx, tenants) = due_together(&world, 64, Duration::from_millis(10)).await;
    let begun = Instant::now();
    let rotated = rotate_due(&cx, &CancellationToken::new()).await.expect("a sweep");
    assert_eq!(rotated, Rotated { tenants: 64, left: 0, unfinished: false });
    assert!(begun.elapsed() < Duration::from_millis(20 * 64 / 4 + 100), "four at a time: {:?}", begun.elapsed());
    assert!(tenants.into_iter().all(|tenant| world.rotations(tenant) == 1));
}

#[tokio::test(start_paused = true)]
async fn beyond_that_the_work_takes_a_seventh_of_the_time() {
    let world = World::new();
    let (cx, tenants) = due_together(&world, 120, Duration::from_millis(10)).await;
    let stop = CancellationToken::new();
    let begun = Instant::now();
    let rotated = rotate_due(&cx, &stop).await.expect("a sweep");
    assert_eq!(rotated, Rotated { tenants: 120, left: 0, unfinished: false });
    let gentle = Duration::from_millis(20 * (120 - 64));
    let took = begun.elapsed();
    assert!(took >= 7 * gentle, "{took:?} for {gentle:?} of work");
    assert!(took < 7 * gentle + Duration::from_millis(20 * 64 / 4 + 200), "no slower than it has to be: {took:?}");
    assert!(tenants.into_iter().all(|tenant| world.rotations(tenant) == 1));
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_before_its_time_is_up_and_the_next_one_goes_on() {
    let world = World::new();
    let (cx, tenants) = due_together(&world, 40, Duration::from_secs(1)).await;
    let (rotate, stop) = (runner(&cx, RotateKeys::new(&cx)), CancellationToken::new());
    let done = || tenants.iter().map(|tenant| world.rotations(*tenant)).sum::<usize>();
    let begun = Instant::now();
    assert_eq!(rotate.wake(&stop).await, Woken::Ran, "and was not cut off");
    assert!(begun.elapsed() < Duration::from_secs(50), "{:?}", begun.elapsed());
    let first = done();
    assert!((8..20).contains(&first), "{first}");
    while rotate.wake(&stop).await == Woken::Ran {}
    assert_eq!(done(), 40);
    assert!(tenants.iter().all(|tenant| world.rotations(*tenant) == 1));
}

#[tokio::test(start_paused = true)]
async fn being_stopped_ends_a_rest() {
    let world = World::new();
    let (cx, _) = due_together(&world, 40, Duration::from_secs(1)).await;
    let stop = CancellationToken::new();
    let begun = Instant::now();
    let (rotated, ()) = tokio::join!(rotate_due(&cx, &stop), async {
        sleep(Duration::from_secs(20)).await;
        stop.cancel();
    });
    let rotated = rotated.expect("a sweep");
    assert!(rotated.unfinished && rotated.tenants < 40, "{rotated:?}");
    assert!(begun.elapsed() < Duration::from_secs(21), "{:?}", begun.elapsed());
}

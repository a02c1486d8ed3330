//! The worker carries a re-wrap out where its own first master key is the target.

use chancery_domain::{
    audit::Actor,
    id::AdminKeyId,
    ports::platform::{PlatformStore, PlatformTx},
    principal::Principal,
};
use chancery_keys::rewrap::{self, Order, Progress};

use super::*;
use crate::tasks::RewrapKeys;

const KEYS: [(&str, u8); 2] = [("first", 9), ("second", 8)];

impl World {
    /// A process with the two keys in that order, which has started.
    async fn process_with(&self, order: [usize; 2]) -> Context {
        let keys = order.map(|at| (KEYS[at].0.parse().expect("a name"), [KEYS[at].1; 32]));
        let masters = Arc::new(MasterKeys::new(keys.to_vec()).expect("master keys"));
        let tx = self.tx().await;
        let check = masters.check(self.keys.random.as_ref()).expect("a check");
        tx.insert_master_key(&check).await.expect("its first use");
        tx.commit().await.expect("commits");
        let keys = Arc::new(chancery_keys::Context { masters, ..(*self.keys).clone() });
        Context { keys, ..self.process("one") }
    }

    async fn tx(&self) -> Box<dyn PlatformTx> {
        PlatformStore::begin(&self.store).await.expect("begins")
    }

    async fn done(&self) -> u64 {
        let counts = PlatformStore::read(&self.store).rewraps().counts().await.expect("reads");
        Progress::towards(&"second".parse().expect("a name"), &counts).done
    }
}

#[tokio::test]
async fn a_worker_re_wraps_to_its_own_first_key_alone() {
    let world = World::new();
    let behind = world.process_with([0, 1]).await;
    for number in 0..40 {
        world.tenant(&format!("tenant-{number}")).await;
    }
    let ahead = world.process_with([1, 0]).await;
    let stop = CancellationToken::new();
    let [behind, worker] = [&behind, &ahead].map(|cx| runner(cx, RewrapKeys::new(cx)));
    assert_eq!(worker.wake(&stop).await, Woken::Idle, "nobody has ordered it");

    let (tx, now) = (world.tx().await, world.clock.now());
    let by = Principal::ApiKey(AdminKeyId::generate(ahead.keys.random.as_ref(), now));
    rewrap::start(&ahead.keys, &*tx, Order { by: Actor::Admin(by).into(), reason: "drill".into(), now })
        .await
        .expect("starts");
    tx.commit().await.expect("commits");
    assert_eq!(behind.wake(&stop).await, Woken::Idle, "others have to do it");
    assert_eq!(world.done().await, 0);

    let began = std::time::Instant::now();
    assert_eq!(worker.wake(&stop).await, Woken::Ran);
    assert_eq!(world.done().await, 40);
    assert!(began.elapsed() >= Duration::from_millis(150), "it rests after each of three batches");
    assert_eq!(worker.wake(&stop).await, Woken::Idle, "it is over");
}

#[tokio::test]
async fn a_worker_that_is_stopped_ends_between_batches() {
    let world = World::new();
    world.process_with([0, 1]).await;
    for number in 0..40 {
        world.tenant(&format!("tenant-{number}")).await;
    }
    let cx = world.process_with([1, 0]).await;
    let (tx, now) = (world.tx().await, world.clock.now());
    let by = Principal::ApiKey(AdminKeyId::generate(cx.keys.random.as_ref(), now));
    rewrap::start(&cx.keys, &*tx, Order { by: Actor::Admin(by).into(), reason: "drill".into(), now })
        .await
        .expect("starts");
    tx.commit().await.expect("commits");

    let (worker, stop) = (runner(&cx, RewrapKeys::new(&cx)), CancellationToken::new());
    let stopping = async {
        while world.done().await == 0 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (woken, ()) = tokio::join!(worker.wake(&stop), stopping);
    assert_eq!(woken, Woken::Ran);
    assert_eq!(world.done().await, 16, "one batch, and no rest after it");
    assert_eq!(worker.wake(&CancellationToken::new()).await, Woken::Ran);
    assert_eq!(world.done().await, 40);
}

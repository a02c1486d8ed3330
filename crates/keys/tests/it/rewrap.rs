//! Tenants' keys come under another master key while all goes on: killed, paused, done twice at once, and with damage.

use std::{collections::BTreeSet, sync::Arc};

use chancery_domain::{
    audit::{Action, Actor},
    fault::WriteError,
    id::{AdminKeyId, MasterKeyId, TenantId},
    ports::{jose::SignTokens, platform::PlatformStore, store::Store},
    principal::Principal,
    profile::Profile,
    rewrap::{Rewrap, RewrapState},
    time::Clock,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{
    Context, encryption, found,
    master::{self, MasterKeys},
    rewrap::{self, Order, Progress, RewrapError, Standing, Step},
};
use chancery_testkit::builders;

use crate::world::{World, policy};

const FIRST: (&str, u8) = ("first", 9);
const SECOND: (&str, u8) = ("second", 8);

fn name(id: &str) -> MasterKeyId {
    id.parse().expect("a name")
}

impl World {
    /// A process with these master keys, which has started.
    async fn process(&self, keys: &[(&str, u8)]) -> Context {
        let keys = keys.iter().map(|(id, byte)| (name(id), [*byte; 32])).collect();
        let masters = MasterKeys::new(keys).expect("master keys");
        let cx = Context { masters: Arc::new(masters), ..self.cx.clone() };
        assert_eq!(master::confirm(&self.store, &cx.masters).await.expect("reads"), []);
        let tx = PlatformStore::begin(&self.store).await.expect("begins");
        match tx.insert_master_key(&cx.masters.check(cx.random.as_ref()).expect("a check")).await {
            Ok(()) => tx.commit().await.expect("commits"),
            Err(WriteError::Taken(_)) => {}
            Err(error) => panic!("{error}"),
        }
        cx
    }

    async fn found_by(&self, cx: &Context) -> Result<TenantId, WriteError> {
        let tenant = builders::tenant("acme", cx.random.as_ref(), self.clock.now());
        let founding = found::prepare(cx, &tenant, &policy(&[Algorithm::EdDsa])).await.expect("prepared");
        let tx = Store::begin(&self.store, tenant.id).await.expect("begins");
        founding.write(tx.as_ref()).await?;
        tx.commit().await.expect("commits");
        Ok(tenant.id)
    }

    /// That many tenants under the first key, and a process that is to move them under the second.
    async fn with_tenants(number: usize) -> (Self, Context, Vec<TenantId>) {
        let world = Self::new();
        let before = world.process(&[FIRST]).await;
        let mut tenants = Vec::new();
        for _ in 0..number {
            tenants.push(world.found_by(&before).await.expect("founded"));
        }
        let cx = world.process(&[SECOND, FIRST]).await;
        (world, cx, tenants)
    }

    async fn start(&self, cx: &Context) -> Result<Rewrap, RewrapError> {
        let tx = PlatformStore::begin(&self.store).await?;
        let now = self.clock.now();
        let by = Principal::ApiKey(AdminKeyId::generate(cx.random.as_ref(), now));
        let started =
            rewrap::start(cx, &*tx, Order { by: Actor::Admin(by).into(), reason: "yearly".into(), now }).await?;
        tx.commit().await?;
        Ok(started)
    }

    async fn pause(&self) -> Result<Rewrap, RewrapError> {
        let tx = PlatformStore::begin(&self.store).await?;
        let paused = rewrap::pause(&*tx, Actor::System, self.clock.now()).await?;
        tx.commit().await.map(|()| paused).map_err(RewrapError::from)
    }

    async fn resume(&self) -> Result<Rewrap, RewrapError> {
        let tx = PlatformStore::begin(&self.store).await?;
        let resumed = rewrap::resume(&*tx, Actor::System, self.clock.now()).await?;
        tx.commit().await.map(|()| resumed).map_err(RewrapError::from)
    }

    async fn progress(&self) -> Progress {
        let counts = PlatformStore::read(&self.store).rewraps().counts().await.expect("reads");
        Progress::towards(&name(SECOND.0), &counts)
    }

    async fn master_keys(&self) -> Vec<MasterKeyId> {
        let checks = PlatformStore::read(&self.store).master_keys().await.expect("reads");
        checks.into_iter().map(|check| check.id).collect()
    }

    /// Whether a process with these keys alone signs for the tenant.
    async fn signs(&self, cx: &Context, tenant: TenantId) -> bool {
        let sealed = Store::read(&self.store, tenant).keys().kek().await.expect("reads");
        let Ok(kek) = cx.masters.open_kek(tenant, &sealed) else { return false };
        let ring = chancery_keys::ring::Ring::open(&kek, tenant, &self.store.keys(tenant), &self.cx.custodians)
            .expect("opens");
        ring.sign(Algorithm::EdDsa, TokenType::IdToken, b"{}").await.is_ok()
    }

    fn actions(&self) -> Vec<Action> {
        self.store.audit().into_iter().map(|event| event.action).collect()
    }
}

/// Steps until there is nothing left to move.
async fn work_off(cx: &Context, most: u32) -> Step {
    for _ in 0..1000 {
        match rewrap::step(cx, most).await.expect("steps") {
            Step::Moved { .. } => {}
            end @ (Step::Done | Step::Stopped | Step::Stuck { .. }) => return end,
        }
    }
    panic!("it does not end")
}

#[tokio::test]
async fn every_key_moves_and_the_old_master_key_may_go() {
    let (world, cx, tenants) = World::with_tenants(7).await;
    assert_eq!(rewrap::standing(&cx).await.expect("reads"), Standing::Idle);
    assert_eq!(rewrap::step(&cx, 3).await.expect("steps"), Step::Stopped, "nobody has ordered it");
    world.start(&cx).await.expect("starts");
    assert_eq!(rewrap::step(&cx, 3).await.expect("steps"), Step::Moved { moved: 3, failed: 0 });
    assert_eq!(world.progress().await, Progress { total: 7, done: 3, failed: 0 });
    for tenant in &tenants {
        assert!(world.signs(&cx, *tenant).await, "half-way");
    }
    assert_eq!(work_off(&cx, 3).await, Step::Done);
    assert_eq!(world.progress().await, Progress { total: 7, done: 7, failed: 0 });
    assert_eq!(world.master_keys().await, [name("second")]);
    assert_eq!(work_off(&cx, 3).await, Step::Stopped, "it is over");

    let alone = world.process(&[SECOND]).await;
    for tenant in &tenants {
        assert!(world.signs(&alone, *tenant).await);
    }
    assert_eq!(world.actions(), [Action::RewrapStarted, Action::MasterKeyReleased, Action::RewrapFinished]);
    assert_eq!(world.store.audit()[0].note.as_deref(), Some("yearly"));
    let old = MasterKeys::new(vec![(name("first"), [9; 32])]).expect("master keys");
    let unusable = master::confirm(&world.store, &old).await.expect("reads");
    assert_eq!(unusable[0].to_string(), "master key second is missing (it seals the keys of 7 tenants)");
}

#[tokio::test]
async fn a_worker_that_is_killed_between_or_within_batches_is_taken_over() {
    let (world, cx, tenants) = World::with_tenants(60).await;
    world.start(&cx).await.expect("starts");
    rewrap::step(&cx, 2).await.expect("steps");
    // Cut off at every place where it waits, so that some batches are written and some are not.
    let mut ends = BTreeSet::new();
    for polls in (0..8).cycle().take(40) {
        let mut step = Box::pin(rewrap::step(&cx, 2));
        let mut left = polls;
        let cut = std::future::poll_fn(|task| {
            let polled = step.as_mut().poll(task);
            left -= 1;
            if left < 0 { std::task::Poll::Ready(polled.is_ready()) } else { polled.map(|_| true) }
        });
        ends.insert(cut.await);
        drop(step);
    }
    let half_way = world.progress().await.done;
    assert!((1..60).contains(&half_way), "{half_way}");
    for tenant in &tenants {
        assert!(world.signs(&cx, *tenant).await, "whatever was cut off");
    }
    assert_eq!(ends, BTreeSet::from([false, true]), "some were cut off");
    let another = world.process(&[SECOND, FIRST]).await;
    let end = work_off(&another, 2).await;
    assert!(matches!(end, Step::Done | Step::Stopped), "{end:?}");
    assert_eq!(world.progress().await, Progress { total: 60, done: 60, failed: 0 });
    assert_eq!(world.actions().iter().filter(|action| **action == Action::RewrapFinished).count(), 1);
}

#[tokio::test]
async fn a_paused_rewrap_moves_nothing_until_it_is_resumed() {
    let (world, cx, _) = World::with_tenants(5).await;
    assert!(matches!(world.pause().await, Err(RewrapError::Absent)));
    world.start(&cx).await.expect("starts");
    assert!(matches!(world.resume().await, Err(RewrapError::State(RewrapState::Running))));
    rewrap::step(&cx, 2).await.expect("steps");
    world.pause().await.expect("pauses");
    assert!(matches!(world.pause().await, Err(RewrapError::State(RewrapState::Paused))));
    assert_eq!(rewrap::step(&cx, 2).await.expect("steps"), Step::Stopped);
    assert_eq!(world.progress().await.done, 2);
    let refused = world.start(&cx).await;
    assert!(
        matches!(&refused, Err(RewrapError::Unfinished(other)) if other.state == RewrapState::Paused),
        "{refused:?}"
    );

    world.resume().await.expect("resumes");
    assert_eq!(work_off(&cx, 2).await, Step::Done);
    assert!(matches!(world.pause().await, Err(RewrapError::State(RewrapState::Done))));
    let again = world.start(&cx).await;
    assert!(matches!(&again, Err(RewrapError::NothingToDo { target }) if *target == name("second")), "{again:?}");
}

#[tokio::test]
async fn several_workers_at_once_move_each_key_once() {
    let (world, cx, tenants) = World::with_tenants(24).await;
    world.start(&cx).await.expect("starts");
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let cx = world.process(&[SECOND, FIRST]).await;
        workers.spawn(async move {
            let mut sum = 0;
            loop {
                match rewrap::step(&cx, 3).await.expect("steps") {
                    Step::Moved { moved, .. } => sum += moved,
                    Step::Done | Step::Stopped => return sum,
                    stuck @ Step::Stuck { .. } => panic!("{stuck:?}"),
                }
            }
        });
    }
    assert_eq!(workers.join_all().await.into_iter().sum::<u32>(), 24);
    for tenant in tenants {
        assert!(world.signs(&cx, tenant).await);
    }
    assert_eq!(world.actions().iter().filter(|action| **action == Action::RewrapFinished).count(), 1);
}

#[tokio::test]
async fn a_damaged_key_is_left_behind_and_holds_nobody_up() {
    let (world, cx, tenants) = World::with_tenants(6).await;
    world.store.tamper_with_kek(tenants[2], |kek| kek.sealed[20] ^= 1);
    world.start(&cx).await.expect("starts");
    assert_eq!(work_off(&cx, 2).await, Step::Done);
    assert_eq!(world.progress().await, Progress { total: 6, done: 5, failed: 1 });
    assert_eq!(world.master_keys().await, [name("first"), name("second")], "it seals one still");
    for (at, tenant) in tenants.iter().enumerate() {
        assert_eq!(world.signs(&cx, *tenant).await, at != 2);
    }
    // Mended, it is moved by the next one.
    world.store.tamper_with_kek(tenants[2], |kek| kek.sealed[20] ^= 1);
    world.start(&cx).await.expect("starts");
    assert_eq!(work_off(&cx, 2).await, Step::Done);
    assert_eq!(world.progress().await, Progress { total: 6, done: 6, failed: 0 });
    assert_eq!(world.master_keys().await, [name("second")]);
}

#[tokio::test]
async fn a_worker_with_another_first_key_leaves_it_to_others() {
    let (world, cx, _) = World::with_tenants(3).await;
    world.start(&cx).await.expect("starts");
    let behind = world.process(&[FIRST, SECOND]).await;
    assert_eq!(rewrap::standing(&behind).await.expect("reads"), Standing::Foreign { target: name("second") });
    assert_eq!(rewrap::step(&behind, 9).await.expect("steps"), Step::Stopped);
    let refused = world.start(&behind).await;
    assert!(matches!(&refused, Err(RewrapError::Unfinished(other)) if other.target == name("second")), "{refused:?}");

    // What it makes meanwhile under the old key is moved too; what it would make afterwards is refused.
    let late = world.found_by(&behind).await.expect("founded");
    assert_eq!(work_off(&cx, 2).await, Step::Done);
    assert_eq!(world.progress().await, Progress { total: 4, done: 4, failed: 0 });
    assert!(world.signs(&cx, late).await);
    assert!(matches!(world.found_by(&behind).await, Err(WriteError::Stale)));
    assert!(matches!(world.start(&behind).await, Err(RewrapError::Released { .. })));
}

#[tokio::test]
async fn a_change_of_master_keys_can_be_taken_back_half_way() {
    let (world, cx, tenants) = World::with_tenants(6).await;
    world.start(&cx).await.expect("starts");
    rewrap::step(&cx, 4).await.expect("steps");
    world.pause().await.expect("pauses");
    let back = world.process(&[FIRST, SECOND]).await;
    world.start(&back).await.expect("takes its place");
    assert_eq!(rewrap::step(&cx, 9).await.expect("steps"), Step::Stopped);
    assert_eq!(work_off(&back, 4).await, Step::Done);
    assert_eq!(world.master_keys().await, [name("first")]);
    let alone = world.process(&[FIRST]).await;
    for tenant in tenants {
        assert!(world.signs(&alone, tenant).await);
    }
}

#[tokio::test]
async fn what_is_sealed_under_a_key_that_is_not_here_is_left_to_those_who_have_it() {
    let (world, cx, _) = World::with_tenants(2).await;
    let third = world.process(&[("third", 7), SECOND, FIRST]).await;
    let theirs = world.found_by(&third).await.expect("founded");
    world.start(&cx).await.expect("starts");
    assert_eq!(work_off(&cx, 9).await, Step::Stuck { missing: vec![name("third")] });
    assert_eq!(world.progress().await, Progress { total: 3, done: 2, failed: 0 });
    assert_eq!(world.master_keys().await, [name("second"), name("third")], "what seals nothing is released");
    let all = world.process(&[SECOND, ("third", 7)]).await;
    assert_eq!(work_off(&all, 9).await, Step::Done);
    assert!(world.signs(&cx, theirs).await);
}

#[tokio::test]
async fn a_key_without_its_check_value_proves_itself_on_what_it_sealed() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::EdDsa]).await;
    let keys = |byte| MasterKeys::new(vec![(name("first"), [byte; 32])]).expect("master keys");
    assert_eq!(master::confirm(&world.store, &keys(9)).await.expect("reads"), []);
    let other = master::confirm(&world.store, &keys(8)).await.expect("reads");
    let said = "master key first has another value here (it seals the keys of 1 tenant)";
    assert_eq!(other.iter().map(ToString::to_string).collect::<Vec<_>>(), [said], "{tenant:?}");
}

#[tokio::test]
async fn what_clients_encrypted_before_opens_under_the_new_master_key_alone() {
    let (world, cx, tenants) = World::with_tenants(1).await;
    let mut tenant = builders::tenant("acme", cx.random.as_ref(), world.clock.now());
    tenant.id = tenants[0];
    tenant.profile = Profile::Oidc;
    tenant.settings.request_object_encryption = true;
    let keys = encryption::ready(&cx, &tenant).await.expect("made");
    world.start(&cx).await.expect("starts");
    assert_eq!(work_off(&cx, 3).await, Step::Done);
    let alone = world.process(&[SECOND]).await;
    let kek =
        alone.masters.open_kek(tenant.id, &Store::read(&world.store, tenant.id).keys().kek().await.expect("reads"));
    let kek = kek.expect("opens");
    assert_eq!(encryption::published(&kek, tenant.id, &keys).len(), 2);
    assert_eq!(format!("{:?}", encryption::Opener::new(&kek, tenant.id, &keys)), "Opener(2 keys)");
}

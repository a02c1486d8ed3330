//! The deployment: tenants with their keys in a store, and what the store looked like at every moment.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chancery_domain::{
    audit::Actor,
    id::{KeyId, TenantId},
    key::Key,
    key_policy::{CronTable, KeyPolicy, Margins, Rotation},
    ports::store::Store,
    profile::Profile,
    random::Random,
    tenant::Tenant,
    time::{Clock, Timestamp},
    view::{Document, Freshness, TenantView},
    vocabulary::Algorithm,
};
use chancery_keys::{
    Context, alarm, found, jwk,
    master::MasterKeys,
    plan::{self, Rules},
    policy, promise,
    ring::Ring,
    rotate::{self, Prepared, RotateError},
    step::KeyStep,
};
use chancery_testkit::{FakeClock, SeededRandom, builders, memory::MemoryStore};

use crate::Sabotage;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Everything that is shared: the store with its clock, and its past.
pub(crate) struct Deployment {
    pub(crate) cx: Context,
    pub(crate) tenants: Vec<TenantStory>,
    clock: Arc<FakeClock>,
    store: MemoryStore,
    sabotage: Option<Sabotage>,
}

/// A tenant, and what its rows were at every moment.
pub(crate) struct TenantStory {
    pub(crate) tenant: Tenant,
    past: Vec<(Timestamp, Arc<Snapshot>)>,
}

/// A tenant's rows as of one commit, made ready as a replica would.
pub(crate) struct Snapshot {
    pub(crate) policy: KeyPolicy,
    pub(crate) published: BTreeSet<KeyId>,
    pub(crate) jwk_set: Vec<u8>,
    pub(crate) ring: Arc<Ring>,
    pub(crate) keys: Vec<Key>,
    pub(crate) overdue_at: Option<Timestamp>,
}

impl Deployment {
    /// Tenants of many policies, founded at the beginning.
    pub(crate) async fn found(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(seed));
        let (store, clock) = (MemoryStore::default(), Arc::new(FakeClock::new()));
        store.keep_time(clock.clone());
        let masters = MasterKeys::new(vec![("first".parse().expect("an id"), [9; 32])]).expect("master keys");
        let cx = Context::over(&store, clock.clone(), random, masters);
        let mut deployment = Self { cx, tenants: Vec::new(), clock, store, sabotage };
        for (place, policy) in policies().into_iter().enumerate() {
            let policy = match sabotage {
                Some(Sabotage::ShortAnnouncement) => KeyPolicy { announce: 2 * HOUR, ..policy },
                Some(
                    Sabotage::LongerThanPromised
                    | Sabotage::ServingWithoutLimit
                    | Sabotage::SigningWithoutLimit
                    | Sabotage::NoSecondLook,
                )
                | None => policy.checked(&Margins::STANDARD).expect("a safe policy"),
            };
            deployment.found_tenant(place, &policy).await;
        }
        deployment
    }

    async fn found_tenant(&mut self, place: usize, policy: &KeyPolicy) {
        let now = self.now();
        let tenant = builders::tenant(&format!("tenant-{place}"), &*self.cx.random, now);
        let founding = found::prepare(&self.cx, &tenant, policy).await.expect("prepared");
        let tx = self.store.begin(tenant.id).await.expect("begins");
        founding.write(&*tx).await.expect("written");
        tx.commit().await.expect("commits");
        self.tenants.push(TenantStory { tenant, past: Vec::new() });
        self.remember(place, now).await;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Time goes on.
    pub(crate) fn set_now(&self, now: Timestamp) {
        self.clock.advance(now.since(self.clock.now()));
    }

    /// When the tenant's keys want to be looked at.
    pub(crate) fn due(&self, place: usize) -> Timestamp {
        self.store.due(self.id(place)).expect("a schedule")
    }

    fn id(&self, place: usize) -> TenantId {
        self.tenants[place].tenant.id
    }

    /// Begins what the worker does about a tenant.
    pub(crate) async fn prepare(&self, place: usize, ask: rotate::Ask) -> Result<Prepared, RotateError> {
        rotate::prepare(&self.cx, self.id(place), ask).await
    }

    /// Ends it: the number of keys that went to work, or nothing where somebody else was faster. Whoever writes has looked
    /// at the clock at `looked`, which may be long ago: he was frozen in between.
    pub(crate) async fn apply(&mut self, place: usize, prepared: Prepared, looked: Timestamp) -> Option<u32> {
        let tx = self.store.begin(self.id(place)).await.expect("begins");
        match rotate::write(&*tx, &prepared, Actor::System, looked).await {
            Ok(applied) => {
                tx.commit().await.expect("commits");
                self.remember(place, self.now()).await;
                let activated = applied.taken.iter().filter(|(step, _)| matches!(step, KeyStep::Activate(_))).count();
                Some(u32::try_from(activated).expect("a few"))
            }
            Err(RotateError::Changed) => None,
            Err(error) => panic!("a rotation failed: {error}"),
        }
    }

    /// Records another longest life, as a change of the tenant's settings does.
    pub(crate) async fn promise(&mut self, place: usize, life: Duration) {
        let tx = self.store.begin(self.id(place)).await.expect("begins");
        promise::write(&*tx, life, &Margins::STANDARD, self.now()).await.expect("nobody else writes");
        tx.commit().await.expect("commits");
        self.remember(place, self.now()).await;
    }

    /// Changes the algorithms; a default that is new is announced first.
    pub(crate) async fn change_algorithms(&mut self, place: usize, algorithms: Vec<Algorithm>) {
        let current = self.latest(place).policy.clone();
        let wanted = KeyPolicy { algorithms, ..current };
        let Ok(prepared) = policy::prepare(&self.cx, self.id(place), &wanted).await else {
            return;
        };
        let tx = self.store.begin(self.id(place)).await.expect("begins");
        policy::write(&*tx, &prepared, Actor::System, self.now()).await.expect("nobody else writes");
        tx.commit().await.expect("commits");
        self.remember(place, self.now()).await;
    }

    /// Suspects the active key, or gives the standby key up. Only where every verifier knows the key that takes over:
    /// within one announcement of another emergency, availability is knowingly put second.
    pub(crate) async fn alarm(&mut self, place: usize, severity: alarm::Severity) -> u32 {
        let (now, latest) = (self.now(), self.latest(place));
        let known = |key: &&Key| key.earliest_activation(&latest.policy).is_some_and(|from| from <= now);
        let Some(standby) = latest.keys.iter().find(known) else { return 0 };
        let active = latest.keys.iter().find(|key| key.algorithm == standby.algorithm && key.is_active());
        let victim = match severity {
            alarm::Severity::Tainted => active,
            alarm::Severity::Compromised => Some(standby),
        };
        let Some(victim) = victim else { return 0 };
        let order = alarm::Alarm { severity, target: alarm::Target::Key(victim.id.clone()), unannounced: false };
        let prepared = alarm::prepare(&self.cx, self.id(place), &order, "a drill".to_owned()).await;
        let applied = alarm::apply(&self.cx, &prepared.expect("prepared"), Actor::System).await.expect("applied");
        self.remember(place, self.now()).await;
        u32::try_from(applied.taken.iter().filter(|(step, _)| matches!(step, KeyStep::Activate(_))).count())
            .expect("a few")
    }

    /// What the store says of the tenant now.
    pub(crate) fn latest(&self, place: usize) -> Arc<Snapshot> {
        Arc::clone(&self.tenants[place].past.last().expect("founded").1)
    }

    /// What a replica knows of the tenant that has read the feed at that moment.
    pub(crate) fn as_of(&self, place: usize, read: Timestamp) -> &Arc<Snapshot> {
        let past = &self.tenants[place].past;
        let known = past.partition_point(|(seen, _)| *seen <= read);
        &past[known.saturating_sub(1)].1
    }

    /// Keeps what was just written, to be seen from that moment on. Each algorithm that signs has one active key.
    async fn remember(&mut self, place: usize, seen: Timestamp) {
        let id = self.id(place);
        if self.sabotage == Some(Sabotage::NoSecondLook) {
            self.store.tamper(id, |keys| keys.iter_mut().for_each(|key| *key = key.clone().known()));
        }
        let rows = self.store.read(id);
        let (policy, keys) = (rows.keys().policy().await.expect("reads"), rows.keys().all().await.expect("reads"));
        let kek = self.cx.masters.open_kek(id, &rows.keys().kek().await.expect("reads")).expect("opens");
        for algorithm in Algorithm::ALL {
            let count =
                |wanted: fn(&Key) -> bool| keys.iter().filter(|key| key.algorithm == *algorithm && wanted(key)).count();
            assert!(count(Key::is_active) <= 1 && count(Key::is_standby) <= 1, "{algorithm} of {id}");
        }
        assert_eq!(policy.signing_algorithms(&keys).len().min(1), 1, "a tenant that cannot sign");
        let ring = Arc::new(Ring::open(&kek, id, &keys, &self.cx.custodians).expect("opens"));
        let published = jwk::published(&kek, id, &keys);
        let rules = Rules::of(policy.clone(), Margins::STANDARD, id, self.now()).expect("a policy");
        let snapshot = Snapshot {
            published: published.iter().map(|key| key.id.clone()).collect(),
            jwk_set: jwk::jwk_set(published, []),
            overdue_at: plan::overdue_at(&keys, &rules),
            policy,
            ring,
            keys,
        };
        self.tenants[place].past.push((seen, Arc::new(snapshot)));
        self.store.forget_audit();
    }

    /// The tenant as a replica's view that was read at that moment by its own clock.
    pub(crate) fn view(&self, place: usize, known: &Snapshot, read: Timestamp) -> TenantView {
        TenantView {
            key_policy: known.policy.clone(),
            margins: Margins::STANDARD,
            signing_algorithms: known.policy.signing_algorithms(&known.keys),
            overdue_at: known.overdue_at,
            signer: Arc::clone(&known.ring) as _,
            verifier: Arc::clone(&known.ring) as _,
            jwk_set: Document { body: Vec::new().into(), etag: String::new() },
            freshness: Arc::new(Freshness::new(read)),
            ..builders::view(self.tenants[place].tenant.clone(), read)
        }
    }
}

/// From hasty to calm, by periods and by time tables. The curves, so that making keys costs nothing.
fn policies() -> Vec<KeyPolicy> {
    let usual = KeyPolicy::of(Profile::Oauth21);
    let every = |days: u32| KeyPolicy { rotation: Rotation::Every(days * DAY), ..usual.clone() };
    let at = |expression: &str, zone: &str| {
        let table = CronTable { expression: expression.into(), zone: zone.into() };
        KeyPolicy { rotation: Rotation::At(table), jitter_percent: 1, ..usual.clone() }
    };
    let quick = KeyPolicy {
        rotation: Rotation::Every(31 * HOUR),
        announce: 3 * HOUR,
        verifier_cache: HOUR,
        longest_token_life: 24 * HOUR,
        ..usual.clone()
    };
    let shortest = KeyPolicy { rotation: Rotation::Every(51 * HOUR), ..usual.clone() };
    vec![
        quick,
        shortest,
        KeyPolicy { algorithms: vec![Algorithm::EdDsa, Algorithm::Es256], ..every(7) },
        every(30),
        at("0 3 * * SUN", "Europe/Vienna"),
        at("30 2 1 * *", "America/New_York"),
    ]
}

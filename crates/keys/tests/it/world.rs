//! A world with one store, a clock that stands still, and tenants with keys.

use std::sync::Arc;

use chancery_domain::{
    id::TenantId, key::Key, key_policy::KeyPolicy, ports::store::Store, profile::Profile, random::Random,
    tenant::Tenant, time::Clock, vocabulary::Algorithm,
};
use chancery_keys::{Context, found, jwk, kek::TenantKek, master::MasterKeys, ring::Ring};
use chancery_testkit::{FakeClock, SeededRandom, builders, memory::MemoryStore};

pub(crate) struct World {
    pub(crate) cx: Context,
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<FakeClock>,
}

impl World {
    pub(crate) fn new() -> Self {
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(7));
        let (store, clock) = (MemoryStore::default(), Arc::new(FakeClock::new()));
        store.keep_time(clock.clone());
        let masters = MasterKeys::new(vec![("first".parse().expect("an id"), [9; 32])]).expect("master keys");
        let cx = Context::over(&store, clock.clone(), random, masters);
        Self { cx, store, clock }
    }

    /// A tenant with that policy.
    pub(crate) async fn found_with(&self, policy: &KeyPolicy) -> Tenant {
        let tenant = builders::tenant("acme", self.cx.random.as_ref(), self.clock.now());
        let founding = found::prepare(&self.cx, &tenant, policy).await.expect("prepared");
        let tx = Store::begin(&self.store, tenant.id).await.expect("begins");
        founding.write(tx.as_ref()).await.expect("written");
        tx.commit().await.expect("commits");
        tenant
    }

    /// A tenant with the default policy but for its algorithms.
    pub(crate) async fn found(&self, algorithms: &[Algorithm]) -> Tenant {
        self.found_with(&policy(algorithms)).await
    }

    pub(crate) async fn kek(&self, tenant: TenantId) -> TenantKek {
        let sealed = Store::read(&self.store, tenant).keys().kek().await.expect("a key");
        self.cx.masters.open_kek(tenant, &sealed).expect("opens")
    }

    pub(crate) async fn ring(&self, tenant: TenantId) -> Ring {
        Ring::open(&self.kek(tenant).await, tenant, &self.store.keys(tenant), &self.cx.custodians).expect("opens")
    }

    pub(crate) async fn jwk_set(&self, tenant: TenantId) -> Vec<u8> {
        let keys = self.store.keys(tenant);
        jwk::jwk_set(jwk::published(&self.kek(tenant).await, tenant, &keys), [])
    }

    /// The keys in that state.
    pub(crate) fn in_state(&self, tenant: TenantId, label: &str) -> Vec<Key> {
        self.store.keys(tenant).into_iter().filter(|key| key.state().label() == label).collect()
    }

    /// The one key in that state.
    pub(crate) fn the(&self, tenant: TenantId, label: &str) -> Key {
        let mut keys = self.in_state(tenant, label);
        assert_eq!(keys.len(), 1, "{label}");
        keys.remove(0)
    }
}

pub(crate) fn policy(algorithms: &[Algorithm]) -> KeyPolicy {
    KeyPolicy { algorithms: algorithms.to_vec(), ..KeyPolicy::of(Profile::Oauth21) }
}

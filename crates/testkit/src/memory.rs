//! A store in memory that knows tenants and their rows, API keys, master keys, leases, remembered requests, audit and the
//! change feed. Transactions stand in line as those of SQLite do, and the unique indexes hold.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use chancery_domain::{
    audit::AuditEvent,
    client::{ClientUse, SecretUse},
    fault::Fault,
    grant::Grant,
    id::TenantId,
    key::Key,
    key_policy::KeyPolicy,
    ports::{
        platform::{PlatformReader, PlatformStore, PlatformTx},
        store::{Remembered, SealedKek, Store, TenantReader, TenantTx},
    },
    refresh::RefreshToken,
    time::{Clock, Timestamp},
};
use tokio::sync::OwnedMutexGuard;

mod audits;
mod changes;
mod keys;
mod nouns;
mod platform;
mod requests;
mod rewrap;

/// The store. Clones are the same store.
#[derive(Clone, Default)]
pub struct MemoryStore {
    committed: Shared,
    time: Time,
    turn: Arc<tokio::sync::Mutex<()>>,
    bell: changes::Bell,
    transactions: Arc<AtomicU32>,
}

/// The database's clock, where a test has given it one.
type Time = Arc<Mutex<Option<Arc<dyn Clock>>>>;

type Shared = Arc<Mutex<Rows>>;

#[derive(Clone, Default)]
struct Rows {
    tenants: BTreeMap<TenantId, TenantKeys>,
    nouns: BTreeMap<TenantId, nouns::Nouns>,
    platform: platform::Nouns,
    masters: rewrap::Masters,
    requests: BTreeMap<requests::Place, Remembered>,
    is_away: bool,
    unreadable: BTreeSet<TenantId>,
    leases: HashMap<&'static str, (String, Timestamp)>,
    audit: Vec<AuditEvent>,
    chains: audits::Chains,
    audit_is_away: bool,
    feed: changes::Feed,
    purges: u32,
}

impl Rows {
    fn tell(&mut self, event: AuditEvent) {
        self.audit.push(event.clone());
        self.chains.take(event);
    }
}

#[derive(Clone, Default)]
struct TenantKeys {
    kek: Option<SealedKek>,
    kek_failed: bool,
    policy: Option<KeyPolicy>,
    keys: Vec<Key>,
    due: Option<Timestamp>,
}

impl MemoryStore {
    /// From now on the database's time is that of this clock.
    pub fn keep_time(&self, clock: Arc<dyn Clock>) {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock);
    }

    /// A tenant's keys, purged ones too.
    #[must_use]
    pub fn keys(&self, tenant: TenantId) -> Vec<Key> {
        locked(&self.committed).tenants.get(&tenant).map(|rows| rows.keys.clone()).unwrap_or_default()
    }

    /// When a tenant's keys want to be looked at.
    #[must_use]
    pub fn due(&self, tenant: TenantId) -> Option<Timestamp> {
        locked(&self.committed).tenants.get(&tenant).and_then(|rows| rows.due)
    }

    /// Every audit event, in order.
    #[must_use]
    pub fn audit(&self) -> Vec<AuditEvent> {
        locked(&self.committed).audit.clone()
    }

    /// Forgets the audit events, so that a long story stays light.
    pub fn forget_audit(&self) {
        let mut rows = locked(&self.committed);
        rows.audit.clear();
        rows.chains = audits::Chains::default();
    }

    /// Loses the last change of the feed, as a database does that was restored, or that took over without the last
    /// transaction of another.
    pub fn lose_last_change(&self) {
        locked(&self.committed).feed.lose_last();
    }

    /// How often expired rows were purged.
    #[must_use]
    pub fn purges(&self) -> u32 {
        locked(&self.committed).purges
    }

    /// Takes the store away, or brings it back: what reads or writes a tenant's nouns, or begins a transaction, fails.
    pub fn take_away(&self, is_away: bool) {
        locked(&self.committed).is_away = is_away;
    }

    /// Takes the audit away, or brings it back: transactions with an event in them do not commit.
    pub fn take_audit_away(&self, is_away: bool) {
        locked(&self.committed).audit_is_away = is_away;
    }

    /// How many transactions of tenants have begun.
    #[must_use]
    pub fn transactions(&self) -> u32 {
        self.transactions.load(Ordering::SeqCst)
    }

    /// Every grant of a tenant, in the order of their ids.
    #[must_use]
    pub fn grants(&self, tenant: TenantId) -> Vec<Grant> {
        let rows = locked(&self.committed);
        rows.nouns.get(&tenant).map(|rows| rows.grants.values().cloned().collect()).unwrap_or_default()
    }

    /// Every refresh token of a tenant, in no order.
    #[must_use]
    pub fn refresh_tokens(&self, tenant: TenantId) -> Vec<RefreshToken> {
        let rows = locked(&self.committed);
        rows.nouns.get(&tenant).map(|rows| rows.tokens.values().cloned().collect()).unwrap_or_default()
    }

    /// Lets every read of that tenant's keys fail.
    pub fn make_unreadable(&self, tenant: TenantId) {
        locked(&self.committed).unreadable.insert(tenant);
    }

    /// Changes a stored key behind everybody's back.
    pub fn tamper(&self, tenant: TenantId, change: impl FnOnce(&mut Vec<Key>)) {
        change(&mut locked(&self.committed).tenants.entry(tenant).or_default().keys);
    }

    /// Changes a tenant's own sealed key behind everybody's back.
    pub fn tamper_with_kek(&self, tenant: TenantId, change: impl FnOnce(&mut SealedKek)) {
        if let Some(kek) = &mut locked(&self.committed).tenants.entry(tenant).or_default().kek {
            change(kek);
        }
    }

    async fn open(&self, tenant: Option<TenantId>) -> MemoryTx {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let working = Arc::new(Mutex::new(locked(&self.committed).clone()));
        MemoryTx {
            rows: Fenced { tenant, rows: working, time: Arc::clone(&self.time) },
            committed: Arc::clone(&self.committed),
            bell: Arc::clone(&self.bell),
            _turn: turn,
        }
    }
}

/// The rows of one tenant, or of none.
struct Fenced {
    tenant: Option<TenantId>,
    rows: Shared,
    time: Time,
}

/// A transaction: a copy that takes the place of what was committed, or goes.
struct MemoryTx {
    rows: Fenced,
    committed: Shared,
    bell: changes::Bell,
    _turn: OwnedMutexGuard<()>,
}

impl MemoryTx {
    fn make_durable(&self) -> Result<(), Fault> {
        let mut committed = locked(&self.committed);
        let mut rows = locked(&self.rows.rows).clone();
        if committed.audit_is_away && rows.audit.len() > committed.audit.len() {
            return Err(Fault::unavailable("the audit", "away, as the test wants it"));
        }
        self.tell(&committed, &mut rows);
        *committed = rows;
        self.bell.notify_one();
        Ok(())
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn read(&self, tenant: TenantId) -> Box<dyn TenantReader> {
        Box::new(Fenced { tenant: Some(tenant), rows: Arc::clone(&self.committed), time: Arc::clone(&self.time) })
    }

    async fn begin(&self, tenant: TenantId) -> Result<Box<dyn TenantTx>, Fault> {
        if locked(&self.committed).is_away {
            return Err(away());
        }
        self.transactions.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(self.open(Some(tenant)).await))
    }

    fn audit_later(&self, event: AuditEvent) {
        locked(&self.committed).tell(event);
    }

    fn secret_used(&self, used: SecretUse) {
        if let Some(rows) = locked(&self.committed).nouns.get_mut(&used.tenant) {
            rows.note_secret_use(&used);
        }
    }

    fn client_used(&self, used: ClientUse) {
        if let Some(rows) = locked(&self.committed).nouns.get_mut(&used.tenant) {
            rows.note_client_use(&used);
        }
    }
}

#[async_trait]
impl PlatformStore for MemoryStore {
    fn read(&self) -> Box<dyn PlatformReader> {
        Box::new(Fenced { tenant: None, rows: Arc::clone(&self.committed), time: Arc::clone(&self.time) })
    }

    async fn begin(&self) -> Result<Box<dyn PlatformTx>, Fault> {
        Ok(Box::new(self.open(None).await))
    }

    async fn remove_changes_ahead(&self) -> Result<u64, Fault> {
        Ok(0)
    }

    async fn changed(&self) {
        self.bell.notified().await;
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}

fn locked(rows: &Mutex<Rows>) -> MutexGuard<'_, Rows> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}

fn away() -> Fault {
    Fault::unavailable("the store", "away, as the test wants it")
}

//! A database of our own making: the rooms wired to it as the program does, and tenants founded in it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use chancery_domain::{
    id::TenantId,
    key_policy::KeyPolicy,
    ports::platform::PlatformStore,
    profile::Profile,
    random::Random,
    secret::from_base64url,
    tenant::Tenant,
    time::{Clock, Timestamp},
};
use chancery_keys::{found, master::MasterKeys};
use chancery_storage::{Options, Storage};

/// How many tenants are founded in one transaction.
const AT_A_TIME: usize = 100;

/// The system's clock, set back.
pub(crate) struct SetBack(pub(crate) Duration);

impl Clock for SetBack {
    #[expect(clippy::disallowed_methods, reason = "a program of its own, in which time comes in here")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)) - self.0
    }
}

/// This moment.
pub(crate) fn now() -> Timestamp {
    SetBack(Duration::ZERO).now()
}

/// The operating system's chance.
struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) {
        rand::fill(buffer);
    }
}

/// Opens a database and wires the keys room to it. `master` is the text of the master key `first`.
pub(crate) async fn open(url: &str, master: &str, set_back: Duration) -> Result<(Storage, chancery_keys::Context)> {
    let clock: Arc<dyn Clock> = Arc::new(SetBack(set_back));
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let storage = Storage::open(Options::new(url, Arc::clone(&clock))).await?;
    let master = from_base64url(master).and_then(|bytes| bytes.try_into().ok()).context("no master key")?;
    let masters = MasterKeys::new(vec![("first".parse()?, master)])?;
    let keys = chancery_keys::Context::over(&storage, clock, random, masters);
    Ok((storage, keys))
}

/// Founds so many tenants with that policy.
pub(crate) async fn found(cx: &chancery_keys::Context, number: usize, policy: &KeyPolicy) -> Result<Vec<TenantId>> {
    found_between(cx, 0, number, policy).await
}

/// The same for those whose numbers lie in between.
pub(crate) async fn found_between(
    cx: &chancery_keys::Context,
    from: usize,
    to: usize,
    policy: &KeyPolicy,
) -> Result<Vec<TenantId>> {
    write_down(cx).await?;
    let mut tenants = Vec::with_capacity(to - from);
    while from + tenants.len() < to {
        let mut prepared = Vec::new();
        let next = from + tenants.len();
        for place in next..to.min(next + AT_A_TIME) {
            let (id, slug) = (TenantId::generate(cx.random.as_ref(), cx.clock.now()), format!("tenant-{place}"));
            let tenant = Tenant::new(id, slug.parse()?, slug, Profile::Oauth21, cx.clock.now());
            let founding = found::prepare(cx, &tenant, policy).await?;
            prepared.push((tenant, founding));
        }
        let tx = PlatformStore::begin(cx.platform.as_ref()).await?;
        for (tenant, founding) in &prepared {
            tx.tenants().insert(tenant).await?;
            founding.write(tx.of(tenant.id).as_ref()).await?;
            tenants.push(tenant.id);
        }
        tx.commit().await?;
    }
    Ok(tenants)
}

/// Writes the check value of the master key down, as every process does at its start.
async fn write_down(cx: &chancery_keys::Context) -> Result<()> {
    let tx = PlatformStore::begin(cx.platform.as_ref()).await?;
    // Another process may have done so before.
    if tx.insert_master_key(&cx.masters.check(cx.random.as_ref())?).await.is_ok() {
        tx.commit().await?;
    }
    Ok(())
}

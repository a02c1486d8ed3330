//! Re-wrapping in memory. Tenants may be made under a master key that was never written down, but not under one that
//! was released. Writes let others run first, as those of a database do, so that a test can cut a writer off there.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    id::{MasterKeyId, TenantId},
    ports::{
        rewrap::{RewrapReads, Rewraps, SealedCount},
        store::SealedKek,
    },
    rewrap::{Rewrap, RewrapState},
    time::Timestamp,
};
use tokio::task::yield_now;

use super::{Fenced, MemoryTx, TenantKeys, locked};

/// What is known of master keys.
#[derive(Clone, Default)]
pub(super) struct Masters {
    pub(super) checks: BTreeMap<MasterKeyId, Vec<u8>>,
    pub(super) released: BTreeSet<MasterKeyId>,
    rewrap: Option<Rewrap>,
}

#[async_trait]
impl RewrapReads for Fenced {
    async fn find(&self) -> Result<Option<Rewrap>, Fault> {
        Ok(locked(&self.rows).masters.rewrap.clone())
    }

    async fn counts(&self) -> Result<Vec<SealedCount>, Fault> {
        let mut counts: BTreeMap<MasterKeyId, SealedCount> = BTreeMap::new();
        for keys in locked(&self.rows).tenants.values() {
            let Some(SealedKek { master_key, .. }) = keys.kek.clone() else { continue };
            let fresh = SealedCount { master_key: master_key.clone(), tenants: 0, failed: 0 };
            let count = counts.entry(master_key).or_insert(fresh);
            count.tenants += 1;
            count.failed += u64::from(keys.kek_failed);
        }
        Ok(counts.into_values().collect())
    }

    async fn sealed_under(&self, master: &MasterKeyId, limit: u32) -> Result<Vec<(TenantId, SealedKek)>, Fault> {
        let rows = locked(&self.rows);
        let of = |(tenant, keys): (&TenantId, &TenantKeys)| {
            let kek = keys.kek.clone().filter(|kek| kek.master_key == *master && !keys.kek_failed)?;
            Some((*tenant, kek))
        };
        Ok(rows.tenants.iter().filter_map(of).take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }
}

impl Fenced {
    /// Works on a tenant whose key is that one still; `false` when it is not.
    fn with_kek(&self, tenant: TenantId, kek: &SealedKek, act: impl FnOnce(&mut TenantKeys) -> bool) -> bool {
        let mut rows = locked(&self.rows);
        let same = |there: &SealedKek| there.master_key == kek.master_key && there.sealed == kek.sealed;
        let found = rows.tenants.get_mut(&tenant).filter(|keys| keys.kek.as_ref().is_some_and(same));
        found.is_some_and(act)
    }
}

#[async_trait]
impl RewrapReads for MemoryTx {
    async fn find(&self) -> Result<Option<Rewrap>, Fault> {
        RewrapReads::find(&self.rows).await
    }

    async fn counts(&self) -> Result<Vec<SealedCount>, Fault> {
        self.rows.counts().await
    }

    async fn sealed_under(&self, master: &MasterKeyId, limit: u32) -> Result<Vec<(TenantId, SealedKek)>, Fault> {
        self.rows.sealed_under(master, limit).await
    }
}

#[async_trait]
impl Rewraps for MemoryTx {
    async fn put(&self, rewrap: &Rewrap) -> Result<(), WriteError> {
        let mut rows = locked(&self.rows.rows);
        let there = rows.masters.rewrap.as_ref().map_or(Rewrap::UNWRITTEN, |there| there.version);
        if there != rewrap.version {
            return Err(WriteError::Stale);
        }
        let written = rewrap.clone().stored_as(rewrap.state(), rewrap.updated_at, rewrap.version.next());
        rows.masters.rewrap = Some(written);
        Ok(())
    }

    async fn forget_failures(&self) -> Result<(), Fault> {
        locked(&self.rows.rows).tenants.values_mut().for_each(|keys| keys.kek_failed = false);
        Ok(())
    }

    async fn take_turn(&self, target: &MasterKeyId, now: Timestamp) -> Result<bool, Fault> {
        yield_now().await;
        let mut rows = locked(&self.rows.rows);
        let running = |rewrap: &&mut Rewrap| rewrap.state() == RewrapState::Running && rewrap.target == *target;
        let found = rows.masters.rewrap.as_mut().filter(running);
        Ok(found.map(|rewrap| rewrap.updated_at = now).is_some())
    }

    async fn replace(&self, tenant: TenantId, from: &SealedKek, to: &SealedKek) -> Result<bool, Fault> {
        yield_now().await;
        Ok(self.rows.with_kek(tenant, from, |keys| {
            keys.kek = Some(to.clone());
            keys.kek_failed = false;
            true
        }))
    }

    async fn note_failure(&self, tenant: TenantId, kek: &SealedKek, _now: Timestamp) -> Result<bool, Fault> {
        Ok(self.rows.with_kek(tenant, kek, |keys| !std::mem::replace(&mut keys.kek_failed, true)))
    }

    async fn release(&self, master: &MasterKeyId) -> Result<bool, Fault> {
        yield_now().await;
        let mut rows = locked(&self.rows.rows);
        let seals = |keys: &TenantKeys| keys.kek.as_ref().is_some_and(|kek| kek.master_key == *master);
        if rows.tenants.values().any(seals) || rows.masters.checks.remove(master).is_none() {
            return Ok(false);
        }
        rows.masters.released.insert(master.clone());
        Ok(true)
    }
}

//! What tenants are called, remembered: a tenant's name never changes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chancery_domain::{
    fault::Fault,
    id::{TenantId, TenantSlug},
    ports::platform::PlatformStore,
};

/// How many are remembered; then all are forgotten.
const MOST: usize = 10_000;

/// The names of tenants.
#[derive(Default)]
pub(super) struct Slugs(Mutex<HashMap<TenantId, TenantSlug>>);

impl Slugs {
    /// The name of a tenant; nothing once it is purged.
    pub(super) async fn of(&self, store: &dyn PlatformStore, id: TenantId) -> Result<Option<TenantSlug>, Fault> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(tenant) = store.read().tenants().find(id).await? else { return Ok(None) };
        let mut slugs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slugs.len() >= MOST {
            slugs.clear();
        }
        slugs.insert(id, tenant.slug.clone());
        Ok(Some(tenant.slug))
    }
}

//! Keys that are over their time: whoever sees one looks after it itself, so that a dead worker is an alarm and not an
//! outage.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chancery_domain::{audit::Actor, id::TenantId, time::Timestamp, view::TenantView};
use chancery_keys::rotate::{self, RotateError};

/// How long a tenant is left alone after it was looked after, whatever came of it.
const REST: Duration = Duration::from_secs(30);

/// Looks after tenants whose keys nobody else does.
pub(super) struct Overdue {
    keys: Arc<chancery_keys::Context>,
    /// When each tenant was last looked after.
    looked: Mutex<HashMap<TenantId, Timestamp>>,
}

impl Overdue {
    pub(super) fn new(keys: Arc<chancery_keys::Context>) -> Self {
        Self { keys, looked: Mutex::new(HashMap::new()) }
    }

    /// Begins to rotate the tenant's keys if one is over its time; the caller does not wait for it. However many
    /// processes do the same, the guards of the store let one succeed.
    pub(super) fn notice(&self, view: &TenantView) {
        let Some(overdue_at) = view.overdue_at else { return };
        let now = self.keys.clock.now();
        if overdue_at > now || !self.takes(view.tenant.id, now) {
            return;
        }
        let (keys, tenant) = (Arc::clone(&self.keys), view.tenant.id);
        tracing::error!(tenant.id = %tenant, overdue.millis = overdue_at.millis(), "a key is over its time: is the worker up?");
        tokio::spawn(async move {
            match rotate::look_after(&keys, tenant, Actor::System).await {
                // The view is forgotten when the change feed tells of it.
                Ok(_) | Err(RotateError::Changed) => {}
                Err(error) => tracing::error!(tenant.id = %tenant, error = %error, "overdue keys could not be moved"),
            }
        });
    }

    /// Whether it is time to look after that tenant; from then on it is left alone for a while.
    fn takes(&self, tenant: TenantId, now: Timestamp) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.retain(|_, at| now.since(*at) < REST);
        if looked.contains_key(&tenant) {
            return false;
        }
        looked.insert(tenant, now);
        true
    }
}

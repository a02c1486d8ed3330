//! The tasks.

use std::sync::Arc;

use crate::{Context, task::Task};

mod purge_expired;
mod rotate_keys;

pub(crate) use purge_expired::PurgeExpired;
pub(crate) use rotate_keys::RotateKeys;

/// Every task with its time table.
pub(crate) fn all(cx: &Context) -> [(String, Arc<dyn Task>); 2] {
    [(cx.rotate_cron.clone(), Arc::new(RotateKeys::new(cx))), (cx.purge_cron.clone(), Arc::new(PurgeExpired::new(cx)))]
}

//! The tasks.

use std::sync::Arc;

use crate::{Context, task::Task};

mod purge_expired;
mod rewrap;
mod rotate_keys;

pub(crate) use purge_expired::PurgeExpired;
pub(crate) use rewrap::RewrapKeys;
pub(crate) use rotate_keys::RotateKeys;

/// When to look whether a re-wrap was started: often, for an operator waits, and it is one read of one row.
const REWRAP_CRON: &str = "2/5 * * * * *";

/// Every task with its time table.
pub(crate) fn all(cx: &Context) -> [(String, Arc<dyn Task>); 3] {
    [
        (cx.rotate_cron.clone(), Arc::new(RotateKeys::new(cx))),
        (cx.purge_cron.clone(), Arc::new(PurgeExpired::new(cx))),
        (REWRAP_CRON.to_owned(), Arc::new(RewrapKeys::new(cx))),
    ]
}

//! The tasks.

use std::sync::Arc;

use crate::{Context, task::Task};

mod measure_keys;
mod purge_expired;
mod rotate_keys;

pub(crate) use measure_keys::MeasureKeys;
pub(crate) use purge_expired::PurgeExpired;
pub(crate) use rotate_keys::RotateKeys;
pub use rotate_keys::{Rotated, rotate_due};

/// Every task with its time table.
pub(crate) fn all(cx: &Context) -> Vec<(String, Arc<dyn Task>)> {
    let mut all: Vec<(String, Arc<dyn Task>)> = vec![
        (cx.rotate_cron.clone(), Arc::new(RotateKeys::new(cx))),
        (cx.purge_cron.clone(), Arc::new(PurgeExpired::new(cx))),
    ];
    if let Some(cron) = &cx.measure_cron {
        all.push((cron.clone(), Arc::new(MeasureKeys::new(cx))));
    }
    all
}

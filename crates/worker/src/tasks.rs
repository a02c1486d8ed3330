//! The tasks.

use std::sync::Arc;

use crate::{Context, task::Task};

mod deliver;
mod encryption_keys;
mod expire_clients;
mod measure_keys;
mod purge_expired;
mod rewrap;
mod rotate_keys;
mod seal_audit;
mod sign_audit;

pub(crate) use deliver::Deliver;
pub use deliver::Outbox;
pub(crate) use encryption_keys::TurnEncryptionKeys;
pub(crate) use expire_clients::ExpireClients;
pub(crate) use measure_keys::MeasureKeys;
pub(crate) use purge_expired::PurgeExpired;
pub(crate) use rewrap::RewrapKeys;
pub(crate) use rotate_keys::RotateKeys;
pub use rotate_keys::{Rotated, rotate_due};
pub(crate) use seal_audit::SealAudit;
pub(crate) use sign_audit::SignAudit;

/// When to look whether a re-wrap was started: often, for an operator waits, and it is one read of one row.
const REWRAP_CRON: &str = "2/5 * * * * *";

/// When to look whether messages are to be delivered: one read of one row, for the first attempts are a second apart.
const DELIVER_CRON: &str = "* * * * * *";

/// When to look whether events wait for their places in the audit: one read.
const SEAL_CRON: &str = "0/2 * * * * *";
/// When to look whether a chain of the audit is to be signed: one read.
const SIGN_CRON: &str = "1/5 * * * * *";

/// Every task with its time table.
pub(crate) fn all(cx: &Context) -> Vec<(String, Arc<dyn Task>)> {
    let mut all: Vec<(String, Arc<dyn Task>)> = vec![
        (cx.rotate_cron.clone(), Arc::new(RotateKeys::new(cx))),
        (cx.rotate_cron.clone(), Arc::new(TurnEncryptionKeys::new(cx))),
        (cx.purge_cron.clone(), Arc::new(PurgeExpired::new(cx))),
        (cx.purge_cron.clone(), Arc::new(ExpireClients::new(cx))),
        (REWRAP_CRON.to_owned(), Arc::new(RewrapKeys::new(cx))),
        (SEAL_CRON.to_owned(), Arc::new(SealAudit::new(cx))),
        (SIGN_CRON.to_owned(), Arc::new(SignAudit::new(cx))),
    ];
    if let Some(outbox) = &cx.outbox {
        all.push((DELIVER_CRON.to_owned(), Arc::new(Deliver::new(cx, outbox.clone()))));
    }
    if let Some(cron) = &cx.measure_cron {
        all.push((cron.clone(), Arc::new(MeasureKeys::new(cx))));
    }
    all
}

//! The figures that the worker gives. None of them tells of a single tenant.

use metrics::{Unit, describe_counter, describe_gauge};

/// Keys by `state` and `algorithm`.
pub(crate) const STORED: &str = "chancery_keys_stored";
/// How long the oldest active key has signed, by `algorithm`.
pub(crate) const OLDEST_ACTIVE: &str = "chancery_keys_oldest_active_age_seconds";
/// How long until the keys of the first tenant are due.
pub(crate) const NEXT_DUE: &str = "chancery_keys_next_due_seconds";
/// Tenants whose keys wait for longer than a minute.
pub(crate) const OVERDUE: &str = "chancery_keys_overdue_tenants";
/// Tenants whose keys could not be moved, by the `kind` of failure.
pub(crate) const FAILURES: &str = "chancery_keys_failures_total";

/// Tenants whose unused clients could not be removed, by the `kind` of failure.
pub(crate) const CLIENT_FAILURES: &str = "chancery_clients_failures_total";

/// Tells whoever collects the figures what they mean.
pub fn describe_figures() {
    describe_gauge!(
        STORED,
        "Keys of all tenants that are not deleted, by state and algorithm; purged ones do not count"
    );
    describe_gauge!(OLDEST_ACTIVE, Unit::Seconds, "How long the oldest active key has signed, by algorithm");
    describe_gauge!(
        NEXT_DUE,
        Unit::Seconds,
        "Time until the keys of some tenant are next due to be moved; negative when overdue, 0 without any tenant"
    );
    describe_gauge!(OVERDUE, "Tenants whose keys were due more than a minute ago");
    describe_counter!(
        FAILURES,
        "Tenants whose keys, for signing or for decrypting, could not be moved and were put off, by kind (fault, panic)"
    );
    describe_counter!(
        CLIENT_FAILURES,
        "Tenants whose unused clients could not be removed and were put off, by kind (fault)"
    );
}

//! No way around roles: whoever sees or changes something by a document needs what the calls about it ask for.

use chancery_domain::tenant::Tenant;
use chancery_proto::v1::TenantDocumentChange;

use crate::{call::Call, reach, status::Refusal};

/// What it takes to see what a document tells.
pub(super) const TO_READ: &[&str] = &["tenants.get", "key_policies.get", "scopes.list", "clients.list"];

/// Refuses callers who may not see what documents of a tenant tell.
pub(super) fn to_read(call: &Call, tenant: &Tenant) -> Result<(), Refusal> {
    TO_READ.iter().try_for_each(|permission| holds(call, Some(tenant), permission))
}

/// Refuses callers who may not make each of the changes. `tenant` is none where it is not there yet.
pub(super) fn to_change(call: &Call, tenant: Option<&Tenant>, changes: &[TenantDocumentChange]) -> Result<(), Refusal> {
    changes.iter().try_for_each(|change| holds(call, tenant, &change.permission))
}

fn holds(call: &Call, tenant: Option<&Tenant>, _permission: &str) -> Result<(), Refusal> {
    match tenant {
        // Reached already, and whoever reaches a tenant may do everything in it.
        Some(_) => Ok(()),
        None => reach::platform(call),
    }
}

//! No way around roles: whoever sees or changes something by a document needs what the calls about it ask for.

use chancery_domain::{admin_key::AdminReach, fault::Fault, permission::Permission, tenant::Tenant};
use chancery_proto::v1::TenantDocumentChange;

use crate::{call::Call, reach, status::Refusal};

/// What it takes to see what a document tells. A noun that documents hold has its line here.
const TO_READ: &[Permission] = &[
    Permission::TenantsGet,
    Permission::KeyPoliciesGet,
    Permission::ScopesList,
    Permission::ResourcesList,
    Permission::ClientsList,
    Permission::ClaimMappingsList,
    Permission::TrustedIssuersList,
];

/// Refuses callers who may not see what documents of a tenant tell.
pub(super) fn to_read(call: &Call, tenant: &Tenant) -> Result<(), Refusal> {
    let place = AdminReach::Tenant(tenant.id);
    TO_READ.iter().try_for_each(|permission| reach::holds(call, place, *permission))
}

/// Refuses callers who may not make each of the changes. A tenant that is not there yet is the platform's.
pub(super) fn to_change(call: &Call, tenant: Option<&Tenant>, changes: &[TenantDocumentChange]) -> Result<(), Refusal> {
    let place = tenant.map_or(AdminReach::Platform, |tenant| AdminReach::Tenant(tenant.id));
    changes.iter().try_for_each(|change| {
        let known: Result<Permission, _> = change.permission.parse();
        let permission = known.map_err(|malformed| Fault::broken("a change asks for what nobody has", malformed))?;
        reach::holds(call, place, permission)
    })
}

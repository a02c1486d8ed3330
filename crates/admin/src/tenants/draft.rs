//! From what somebody sent to the tenant that is written: for the calls about one tenant, and for documents.

use std::time::Duration;

use chancery_domain::{
    admin_key::AdminReach,
    id::{TenantId, TenantSlug},
    key_policy::KeyPolicy,
    permission::Permission,
    tenant::Tenant,
    time::Timestamp,
    token_secret::TokenSecret,
};
use chancery_proto::v1;

use super::{format, message};
use crate::{call::Call, context::Context, reach, status::Refusal};

/// A new tenant, whose key policy allows nothing that is signed to live longer than that.
pub(crate) fn fresh(
    cx: &Context,
    sent: &v1::Tenant,
    slug: TenantSlug,
    longest_token_life: Duration,
    now: Timestamp,
) -> Result<Tenant, Refusal> {
    let id = TenantId::generate(&*cx.random, now);
    let tenant = Tenant::new(id, slug, String::new(), message::read_profile(sent)?, now);
    message::read(cx, sent, tenant, longest_token_life)
}

/// A new tenant takes what the deployment's usual policy takes: where that names ML-DSA, the deployment has asked for it.
pub(crate) fn under_usual_policy(tenant: &mut Tenant, policy: &KeyPolicy) {
    tenant.settings.ml_dsa |= policy.algorithms.iter().any(|algorithm| algorithm.is_ml_dsa());
}

/// Refuses a tenant that does not go with its key policy or its token secrets.
pub(crate) fn check(tenant: &Tenant, policy: &KeyPolicy, secrets: &[TokenSecret]) -> Result<(), Refusal> {
    format::check(tenant, secrets)?;
    if !tenant.settings.ml_dsa && policy.algorithms.iter().any(|algorithm| algorithm.is_ml_dsa()) {
        let rule = "must stay while the key policy names an algorithm of ML-DSA";
        return Err(Refusal::field("tenant.settings.ml_dsa", rule));
    }
    Ok(())
}

/// Refuses those who may not change what is changed: the profile is what the platform demands of the tenant, and whose a
/// host is, the platform knows.
pub(crate) fn permit(call: &Call, before: &Tenant, after: &Tenant) -> Result<(), Refusal> {
    if (after.profile, &after.issuer_host) == (before.profile, &before.issuer_host) {
        return Ok(());
    }
    reach::holds(call, AdminReach::Platform, Permission::TenantsUpdate)
}

//! What a change of a tenant means for its encryption keys.

use chancery_domain::tenant::Tenant;
use chancery_keys::encryption;

use crate::{call::Call, context::Context};

/// To be called once a tenant was written and committed: its encryption keys are made, or withdrawn, where it takes
/// encrypted requests from now on or takes none any more. Whoever needs them next does the same, so a failure here is
/// nobody's loss, and a call that did what it was asked for does not fail by it.
pub(crate) async fn settle(cx: &Context, call: &Call, before: Option<&Tenant>, tenant: &Tenant) {
    if before.is_some_and(Tenant::takes_encrypted_requests) == tenant.takes_encrypted_requests() {
        return;
    }
    if let Err(fault) = encryption::look_after(&cx.keys, tenant, call.author()).await {
        tracing::error!(tenant.id = %tenant.id, error = %fault, "encryption keys could not be looked after");
    }
}

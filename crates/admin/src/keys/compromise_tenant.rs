//! `CompromiseTenantKeys`.

use std::time::Duration;

use chancery_domain::vocabulary::Algorithm;
use chancery_keys::alarm::{Alarm, Severity, Target};
use chancery_proto::v1::{CompromiseTenantKeysRequest, KeyAlarm};

use super::alarm::{self, Order};
use crate::{
    call::Call,
    context::Context,
    name, previews, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
};

/// Gives every key of a tenant up that has signed, of one algorithm or of all.
pub(crate) async fn compromise_tenant(
    cx: &Context,
    call: &Call,
    request: CompromiseTenantKeysRequest,
) -> Result<KeyAlarm, Refusal> {
    previews::admit(cx, call, &request).await?;
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    let order = Order {
        alarm: Alarm {
            severity: Severity::Compromised,
            target: Target::Signed {
                algorithm: algorithm(&request.algorithm)?,
                // All that there are, one that was made in this very moment too.
                made_before: cx.clock.now() + Duration::from_millis(1),
                with_standby: request.include_standby,
            },
            unannounced: request.allow_unannounced,
        },
        reason: alarm::reason(&request.reason)?,
        guard: None,
        trial: request.validate_only,
        foreseen: !request.preview_hash.is_empty(),
    };
    once(named.as_ref(), Ledger::Tenant(&reached), alarm::carry_out(cx, call, &reached, named.as_ref(), order)).await
}

fn algorithm(sent: &str) -> Result<Option<Algorithm>, Refusal> {
    match sent {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|malformed| Refusal::malformed("algorithm", &malformed)),
    }
}

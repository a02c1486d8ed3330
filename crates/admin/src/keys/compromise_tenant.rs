//! `CompromiseTenantKeys`.

use std::time::Duration;

use chancery_keys::alarm::{Alarm, Severity, Target};
use chancery_proto::v1::{CompromiseTenantKeysRequest, KeyAlarm};

use super::alarm::{self, Order};
use crate::{call::Call, context::Context, errand::Errand, name, previews, reach, status::Refusal, text};

/// Gives every key of a tenant up that has signed, of one algorithm or of all.
pub(crate) async fn compromise_tenant(
    cx: &Context,
    call: &Call,
    request: CompromiseTenantKeysRequest,
) -> Result<KeyAlarm, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    let order = Order {
        alarm: Alarm {
            severity: Severity::Compromised,
            target: Target::Signed {
                algorithm: text::optional("algorithm", &request.algorithm)?,
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
    let work = async {
        previews::admit(cx, call, &request).await?;
        alarm::carry_out(&errand, order).await
    };
    errand.once(work).await
}

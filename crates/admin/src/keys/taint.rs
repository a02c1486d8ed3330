//! `TaintKey`.

use chancery_keys::alarm::{Alarm, Severity, Target};
use chancery_proto::v1::{KeyAlarm, TaintKeyRequest};

use super::alarm::{self, Order};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal};

/// Suspects one key.
pub(super) async fn taint(cx: &Context, call: &Call, request: TaintKeyRequest) -> Result<KeyAlarm, Refusal> {
    let (tenant, key) = name::key("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    let order = Order {
        alarm: Alarm {
            severity: Severity::Tainted,
            target: Target::Key(key.clone()),
            unannounced: request.allow_unannounced,
        },
        reason: alarm::reason(&request.reason)?,
        guard: Some((key, request.etag)),
        trial: request.validate_only,
        foreseen: false,
    };
    errand.once(alarm::carry_out(&errand, order)).await
}

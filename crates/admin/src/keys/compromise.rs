//! `CompromiseKey`.

use chancery_keys::alarm::{Alarm, Severity, Target};
use chancery_proto::v1::{CompromiseKeyRequest, KeyAlarm};

use super::alarm::{self, Order};
use crate::{call::Call, context::Context, errand::Errand, name, previews, reach, status::Refusal};

/// Gives one key up.
pub(crate) async fn compromise(cx: &Context, call: &Call, request: CompromiseKeyRequest) -> Result<KeyAlarm, Refusal> {
    let (tenant, key) = name::key("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    let order = Order {
        alarm: Alarm {
            severity: Severity::Compromised,
            target: Target::Key(key.clone()),
            unannounced: request.allow_unannounced,
        },
        reason: alarm::reason(&request.reason)?,
        guard: Some((key, request.etag.clone())),
        trial: request.validate_only,
        foreseen: !request.preview_hash.is_empty(),
    };
    let work = async {
        previews::admit(cx, call, &request).await?;
        alarm::carry_out(&errand, order).await
    };
    errand.once(work).await
}

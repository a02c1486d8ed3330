//! `TaintKey`.

use chancery_keys::alarm::{Alarm, Severity, Target};
use chancery_proto::v1::{KeyAlarm, TaintKeyRequest};

use super::alarm::{self, Order};
use crate::{
    call::Call,
    context::Context,
    name, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
};

/// Suspects one key.
pub(super) async fn taint(cx: &Context, call: &Call, request: TaintKeyRequest) -> Result<KeyAlarm, Refusal> {
    let (tenant, key) = name::key("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let named = Named::of(cx, call, &request)?;
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
    once(named.as_ref(), Ledger::Tenant(&reached), alarm::carry_out(cx, call, &reached, named.as_ref(), order)).await
}

//! `ListAuditKeys`.

use chancery_keys::audit;
use chancery_proto::v1::{ListAuditKeysRequest, ListAuditKeysResponse};

use super::{Chain, message};
use crate::{call::Call, context::Context, status::Refusal};

/// The public keys that verify checkpoints.
pub(super) async fn list_keys(
    cx: &Context,
    call: &Call,
    request: ListAuditKeysRequest,
) -> Result<ListAuditKeysResponse, Refusal> {
    Chain::of_parent(cx, call, &request.parent).await?;
    let keys = cx.platform.read().audits().keys().await?;
    let message = |key| message::key(key, audit::is_genuine(&cx.keys, key) == Some(true));
    Ok(ListAuditKeysResponse { audit_keys: keys.iter().map(message).collect() })
}

//! `ListAuditKeys`.

use chancery_keys::audit;
use chancery_proto::v1::{ListAuditKeysRequest, ListAuditKeysResponse};

use super::message;
use crate::{call::Call, context::Context, status::Refusal};

/// The public keys that verify checkpoints.
pub(super) async fn list_keys(
    cx: &Context,
    _call: &Call,
    _request: ListAuditKeysRequest,
) -> Result<ListAuditKeysResponse, Refusal> {
    let keys = cx.platform.read().audits().keys().await?;
    let message = |key| message::key(key, audit::is_genuine(&cx.keys, key) == Some(true));
    Ok(ListAuditKeysResponse { audit_keys: keys.iter().map(message).collect() })
}

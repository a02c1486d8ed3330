//! `CreateAuditCheckpoint`. It leaves no event of its own: then a chain would never be signed to its end.

use chancery_keys::audit;
use chancery_proto::v1::{AuditCheckpoint, CreateAuditCheckpointRequest};

use super::{Chain, message};
use crate::{call::Call, context::Context, status::Refusal};

/// Signs how far a chain has come.
pub(super) async fn create_checkpoint(
    cx: &Context,
    call: &Call,
    request: CreateAuditCheckpointRequest,
) -> Result<AuditCheckpoint, Refusal> {
    let chain = Chain::of_parent(cx, call, &request.parent).await?;
    let signed = audit::checkpoint(&cx.keys, chain.tenant).await?;
    Ok(message::checkpoint(&chain, &signed.ok_or_else(|| chain.has_no_event(1))?))
}

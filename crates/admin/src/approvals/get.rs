//! `GetApproval`.

use chancery_proto::v1::{Approval, GetApprovalRequest};

use super::{find::find, message};
use crate::{call::Call, context::Context, status::Refusal};

/// One approval.
pub(super) async fn get(cx: &Context, call: &Call, request: GetApprovalRequest) -> Result<Approval, Refusal> {
    let platform = cx.platform.read();
    let caller = (call, call.caller.held());
    let approval = find(platform.approvals(), caller, &request.name, cx.clock.now()).await?;
    Ok(message::of(platform.tenants(), &approval).await?)
}

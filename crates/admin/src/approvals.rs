//! Approvals, for calls that the deployment lets nobody make alone: one file for each call, and `claim`, which stands
//! before every verb.

mod approve;
mod claim;
mod find;
mod get;
mod given;
mod list;
mod message;
mod reject;
mod request;

use chancery_proto::v1::{
    Approval, ApproveApprovalRequest, GetApprovalRequest, ListApprovalsRequest, ListApprovalsResponse,
    RejectApprovalRequest,
};

use crate::service::service;

pub(crate) use claim::{Claim, Deed, claim, claim_each, settle};

service! {
    /// Answers the calls about approvals.
    Approvals serves approval_service_server::ApprovalService {
        list_approvals(ListApprovalsRequest) -> ListApprovalsResponse = list::list;
        get_approval(GetApprovalRequest) -> Approval = get::get;
        approve_approval(ApproveApprovalRequest) -> Approval = approve::approve;
        reject_approval(RejectApprovalRequest) -> Approval = reject::reject;
    }
}

//! An approval as message.

use std::fmt::Write;

use chancery_domain::{
    admin_key::AdminReach,
    approval::{Approval, ApprovalState},
    fault::Fault,
    id::ApprovalId,
    ports::platform::TenantReads,
    secret::Digest,
};
use chancery_proto::v1::{self, approval::State};

use crate::{name, span};

/// The name of an approval.
pub(super) fn name(id: ApprovalId) -> String {
    format!("approvals/{id}")
}

/// The approval as callers see it.
pub(super) async fn of(tenants: &dyn TenantReads, approval: &Approval) -> Result<v1::Approval, Fault> {
    let tenant = match approval.place {
        AdminReach::Platform => None,
        AdminReach::Tenant(id) => tenants.find(id).await?,
    };
    let state = match approval.state() {
        ApprovalState::Pending => State::Pending,
        ApprovalState::Approved(_) => State::Approved,
        ApprovalState::Rejected(_) => State::Rejected,
        ApprovalState::Spent(_) => State::Spent,
    };
    let decision = approval.state().decision();
    Ok(v1::Approval {
        name: name(approval.id),
        uid: approval.id.to_string(),
        method: approval.method.clone(),
        permission: approval.permission.code().to_owned(),
        tenant: tenant.map(|tenant| name::of_tenant(&tenant.slug)).unwrap_or_default(),
        request: approval.summary.clone(),
        request_digest: digest(&approval.request),
        requester: approval.asked_by.to_string(),
        state: state.into(),
        decider: decision.map(|decision| decision.by.to_string()).unwrap_or_default(),
        decide_time: decision.map(|decision| span::moment(decision.at)),
        create_time: Some(span::moment(approval.created_at)),
        expire_time: Some(span::moment(approval.expires_at)),
    })
}

/// A digest as text.
pub(super) fn digest(digest: &Digest) -> String {
    digest.bytes().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

//! The store of approvals, as the admin door sees it.

use async_trait::async_trait;

use crate::{
    approval::Approval,
    fault::{Fault, WriteError},
    id::ApprovalId,
    principal::Principal,
    time::Timestamp,
};

/// Reads of approvals.
#[async_trait]
pub trait ApprovalReads: Send + Sync {
    /// By id, those that are over included.
    async fn find(&self, id: ApprovalId) -> Result<Option<Approval>, Fault>;
    /// Every one that is not over, oldest first: each lives for an hour, and a caller has [`Approval::MOST`] at most.
    async fn live(&self, now: Timestamp) -> Result<Vec<Approval>, Fault>;
    /// The same, of one caller.
    async fn live_of(&self, asked_by: &Principal, now: Timestamp) -> Result<Vec<Approval>, Fault>;
}

/// Writes of approvals.
#[async_trait]
pub trait Approvals: ApprovalReads {
    /// A new one.
    async fn insert(&self, approval: &Approval) -> Result<(), WriteError>;
    /// The state; guarded by `approval.version`, which moves on.
    async fn update(&self, approval: &Approval) -> Result<(), WriteError>;
}

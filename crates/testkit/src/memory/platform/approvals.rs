//! Approvals in memory.

use async_trait::async_trait;
use chancery_domain::{
    approval::Approval,
    fault::{Fault, WriteError},
    id::ApprovalId,
    ports::approvals::{ApprovalReads, Approvals},
    principal::Principal,
    time::Timestamp,
};

use super::super::{Fenced, nouns::guarded};

#[async_trait]
impl ApprovalReads for Fenced {
    async fn find(&self, id: ApprovalId) -> Result<Option<Approval>, Fault> {
        self.platform(|rows| rows.approvals.get(&id).cloned())
    }

    async fn live(&self, now: Timestamp) -> Result<Vec<Approval>, Fault> {
        self.platform(|rows| rows.approvals.values().filter(|approval| approval.is_live(now)).cloned().collect())
    }

    async fn live_of(&self, asked_by: &Principal, now: Timestamp) -> Result<Vec<Approval>, Fault> {
        let mut live = self.live(now).await?;
        live.retain(|approval| approval.asked_by == *asked_by);
        Ok(live)
    }
}

#[async_trait]
impl Approvals for Fenced {
    async fn insert(&self, approval: &Approval) -> Result<(), WriteError> {
        self.platform(|rows| rows.approvals.insert(approval.id, approval.clone()))?;
        Ok(())
    }

    async fn update(&self, approval: &Approval) -> Result<(), WriteError> {
        self.platform(|rows| {
            let there = rows.approvals.get(&approval.id).map(|there| there.version);
            let version = guarded(there, approval.version)?;
            let written = approval.clone().stored_as(approval.state().clone(), version);
            rows.approvals.insert(approval.id, written);
            Ok(())
        })?
    }
}

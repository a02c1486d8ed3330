//! Writing in a tenant for a call: the rows of a transaction, and the audit event of each write.

use chancery_domain::{
    audit::Action, change::Noun, fault::Fault, id::TenantId, ports::store::TenantRows, time::Timestamp,
    version::Version,
};

use crate::{call::Call, context::Context};

/// A transaction in a tenant, on behalf of a call.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'a> {
    /// What the call works with.
    pub(crate) cx: &'a Context,
    /// The call.
    pub(crate) call: &'a Call,
    /// The rows.
    pub(crate) rows: &'a dyn TenantRows,
    /// The tenant that they are of.
    pub(crate) tenant: TenantId,
    /// When it is written.
    pub(crate) now: Timestamp,
}

impl Writing<'_> {
    /// Writes down that the caller did that to the thing, which had the one version before and has the other now.
    pub(crate) async fn audit(
        &self,
        action: Action,
        noun: Noun,
        id: &(impl ToString + Sync + ?Sized),
        (before, after): (Option<Version>, Option<Version>),
    ) -> Result<(), Fault> {
        let event = self.call.event(Some(self.tenant), self.now, action).between(before, after);
        self.rows.audit(event.about(noun, id)).await
    }
}

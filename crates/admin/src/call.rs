//! One call, as its verb sees it.

use std::sync::{Arc, OnceLock};

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    id::TenantId,
    permission::Permission,
    time::Timestamp,
};
use tonic::{Request, Status};

use crate::{
    caller::Caller,
    status::{Reason, Refusal},
};

/// What the door found out before the body was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Who calls. Only `caller` makes one.
    pub(crate) caller: Caller,
    /// The call's path, such as `/chancery.admin.v1.TenantService/GetTenant`.
    pub(crate) method: &'static str,
    /// The permission that it asks for, if it asks for one.
    pub(crate) permission: Option<Permission>,
    /// Names this call in the log, and in answers that tell of a fault of ours.
    pub(crate) trace: Arc<str>,
    /// The tenant that it turned out to be about, for the log.
    pub(crate) tenant: Arc<OnceLock<TenantId>>,
}

impl Call {
    /// The call that the door let in.
    pub(crate) fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let found = request.extensions().get::<Self>().cloned();
        found.ok_or_else(|| Refusal::new(Reason::ApiKeyMissing, "no call reaches here by itself").into_status(""))
    }

    /// The caller, for the audit and for what is done in their name.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Admin(self.caller.principal().clone())
    }

    /// An audit event of this call.
    pub(crate) fn event(&self, tenant: Option<TenantId>, at: Timestamp, action: Action) -> AuditEvent {
        AuditEvent::new(tenant, at, self.actor(), action)
    }
}

#[cfg(test)]
impl Call {
    /// A call that came through no door.
    pub(crate) fn in_test(caller: Caller, method: &'static str) -> Self {
        Self { caller, method, permission: None, trace: "test".into(), tenant: Arc::default() }
    }
}

//! One call, as its verb sees it.

use std::sync::{Arc, OnceLock};

use chancery_domain::{
    audit::{Action, Actor, AuditEvent, Author},
    id::TenantId,
    permission::Permission,
    time::Timestamp,
};
use prost::Message;
use tonic::{Request, Status};

use crate::{
    caller::Caller,
    nul,
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
    /// The name that the request turned out to give itself, for the audit.
    pub(crate) request_id: Arc<OnceLock<String>>,
}

impl Call {
    /// The call that the door let in, and its message, in which no text holds a NUL.
    pub(crate) fn take<M: Message>(request: Request<M>) -> Result<(Self, M), Status> {
        let found = request.extensions().get::<Self>().cloned();
        let call = found
            .ok_or_else(|| Refusal::new(Reason::ApiKeyMissing, "no call reaches here by itself").into_status(""))?;
        let message = request.into_inner();
        nul::refuse(call.method, &message).map_err(|refusal| refusal.into_status(&call.trace))?;
        Ok((call, message))
    }

    /// The caller and by what right they call, for the audit and for what is done in their name.
    pub(crate) fn author(&self) -> Author {
        Author {
            actor: Actor::Admin(self.caller.principal().clone()),
            method: Some(self.caller.authenticated().label()),
            permission: self.permission.map(Permission::code),
            request_id: self.request_id.get().cloned(),
            trace: Some(Arc::clone(&self.trace)),
        }
    }

    /// An audit event of this call.
    pub(crate) fn event(&self, tenant: Option<TenantId>, at: Timestamp, action: Action) -> AuditEvent {
        AuditEvent::new(tenant, at, self.author(), action)
    }
}

/// The name of a call that anybody may make, and so has no [`Call`].
#[derive(Clone, Debug)]
pub(crate) struct Trace(Arc<str>);

impl Trace {
    /// Of the call with that name.
    pub(crate) fn new(trace: &Arc<str>) -> Self {
        Self(Arc::clone(trace))
    }

    /// Of the call that the door let in.
    pub(crate) fn of<T>(request: &Request<T>) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_else(|| Self(Arc::from("")))
    }

    /// The name.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
impl Call {
    /// A call that came through no door.
    pub(crate) fn in_test(caller: Caller, method: &'static str) -> Self {
        Self {
            caller,
            method,
            permission: None,
            trace: "test".into(),
            tenant: Arc::default(),
            request_id: Arc::default(),
        }
    }
}

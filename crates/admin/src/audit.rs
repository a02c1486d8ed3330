//! The audit: one file for each call.

mod create_checkpoint;
mod export;
mod get;
mod list;
mod list_keys;
mod message;
mod reader;
mod watch;

use chancery_domain::{
    admin_key::AdminReach,
    audit_chain::SealedEvent,
    fault::Fault,
    id::{TenantId, TenantSlug},
    ports::audit::AuditQuery,
};
use chancery_proto::v1::{
    AuditCheckpoint, AuditEvent, CreateAuditCheckpointRequest, ExportAuditEventsRequest, ExportAuditEventsResponse,
    GetAuditEventRequest, ListAuditEventsRequest, ListAuditEventsResponse, ListAuditKeysRequest, ListAuditKeysResponse,
    WatchAuditEventsRequest, WatchAuditEventsResponse,
};

use crate::{
    call::Call,
    context::Context,
    name, reach,
    service::service,
    status::{Reason, Refusal},
};

service! {
    /// Answers the calls about the audit.
    Audit serves audit_service_server::AuditService {
        list_audit_events(ListAuditEventsRequest) -> ListAuditEventsResponse = list::list;
        get_audit_event(GetAuditEventRequest) -> AuditEvent = get::get;
        create_audit_checkpoint(CreateAuditCheckpointRequest) -> AuditCheckpoint = create_checkpoint::create_checkpoint;
        list_audit_keys(ListAuditKeysRequest) -> ListAuditKeysResponse = list_keys::list_keys;
        [WatchAuditEventsStream] watch_audit_events(WatchAuditEventsRequest)
            -> WatchAuditEventsResponse = watch::watch;
        [ExportAuditEventsStream] export_audit_events(ExportAuditEventsRequest)
            -> ExportAuditEventsResponse = export::export;
    }
}

/// A chain that the caller may see: the tenant's, or the platform's.
struct Chain {
    slug: Option<TenantSlug>,
    tenant: Option<TenantId>,
}

impl Chain {
    /// The chain of that parent.
    async fn of_parent(cx: &Context, call: &Call, parent: &str) -> Result<Self, Refusal> {
        Self::of(cx, call, name::optional_tenant("parent", parent)?).await
    }

    async fn of(cx: &Context, call: &Call, slug: Option<TenantSlug>) -> Result<Self, Refusal> {
        let tenant = match reach::readable_place(cx, call, slug.as_ref()).await? {
            AdminReach::Platform => None,
            AdminReach::Tenant(tenant) => Some(tenant),
        };
        Ok(Self { slug, tenant })
    }

    /// The event of that place, if there is one.
    async fn event(&self, cx: &Context, position: u64) -> Result<Option<SealedEvent>, Fault> {
        let (Some(after), Ok(_)) = (position.checked_sub(1), i64::try_from(position)) else { return Ok(None) };
        let query = AuditQuery { after, until: Some(position), limit: 1, ..AuditQuery::default() };
        Ok(cx.platform.read().audits().events(self.tenant, query).await?.pop())
    }

    /// The name of something in it.
    fn name(&self, collection: &str, position: u64) -> String {
        match &self.slug {
            None => format!("{collection}/{position}"),
            Some(slug) => name::within(slug, collection, position),
        }
    }

    fn has_no_event(&self, position: u64) -> Refusal {
        Refusal::not_found(Reason::AuditEventNotFound, "AuditEvent", &self.name("auditEvents", position))
    }
}

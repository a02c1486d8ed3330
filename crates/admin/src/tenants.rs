//! Tenants: one file for each call.

mod create;
pub(crate) mod delete;
pub(crate) mod draft;
mod format;
mod get;
mod list;
pub(crate) mod message;
mod resume;
pub(crate) mod suspend;
mod turn;
mod undelete;
pub(crate) mod update;
pub(crate) mod write;

use chancery_proto::v1::{
    CreateTenantRequest, DeleteTenantRequest, GetTenantRequest, ListTenantsRequest, ListTenantsResponse,
    ResumeTenantRequest, SuspendTenantRequest, Tenant, UndeleteTenantRequest, UpdateTenantRequest,
};

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about tenants.
    Tenants serves tenant_service_server::TenantService {
        list_tenants(ListTenantsRequest) -> ListTenantsResponse = list::list;
        get_tenant(GetTenantRequest) -> Tenant = get::get;
        create_tenant(CreateTenantRequest) -> Tenant = create::create;
        update_tenant(UpdateTenantRequest) -> Tenant = update::update;
        delete_tenant(DeleteTenantRequest) -> Tenant = delete::delete;
        undelete_tenant(UndeleteTenantRequest) -> Tenant = undelete::undelete;
        suspend_tenant(SuspendTenantRequest) -> Tenant = suspend::suspend;
        resume_tenant(ResumeTenantRequest) -> Tenant = resume::resume;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<Tenant>] = mask::fields! {
    Tenant {
        open: display_name, profile, issuer_host;
        within settings: access_token_ttl, id_token_ttl, code_ttl, refresh_idle_ttl, refresh_absolute_ttl,
            refresh_grace, session_idle_ttl, session_absolute_ttl, access_token_format, ml_dsa,
            require_pushed_authorization_requests, response_types, sign_up_uri, frontchannel_logout, session_management,
            logout_scope, token_exchange, device_authorization, jwt_bearer, registration,
            request_object_encryption, dpop, dpop_nonce_required;
        fixed: ;
        output: name, uid, state, issuer, create_time, update_time, delete_time, purge_time, etag;
    }
};

//! Role bindings, which say who has which role: one file for each call.

mod create;
mod delete;
mod get;
mod list;
mod message;

use chancery_domain::{admin_key::AdminReach, id::TenantId};
use chancery_proto::v1::{
    CreateRoleBindingRequest, DeleteRoleBindingRequest, GetRoleBindingRequest, ListRoleBindingsRequest,
    ListRoleBindingsResponse, RoleBinding,
};

use crate::service::service;

service! {
    /// Answers the calls about role bindings.
    RoleBindings serves role_binding_service_server::RoleBindingService {
        list_role_bindings(ListRoleBindingsRequest) -> ListRoleBindingsResponse = list::list;
        get_role_binding(GetRoleBindingRequest) -> RoleBinding = get::get;
        create_role_binding(CreateRoleBindingRequest) -> RoleBinding = create::create;
        delete_role_binding(DeleteRoleBindingRequest) -> () = delete::delete;
    }
}

/// The tenant of that place, for the audit.
const fn tenant_of(place: AdminReach) -> Option<TenantId> {
    match place {
        AdminReach::Platform => None,
        AdminReach::Tenant(tenant) => Some(tenant),
    }
}

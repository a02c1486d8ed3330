//! Scopes, those that every tenant has and its own: one file for each call.

mod create;
mod delete;
pub(crate) mod draft;
mod find;
mod get;
mod list;
pub(crate) mod message;
mod update;
pub(crate) mod write;

use chancery_proto::v1::{
    CreateScopeRequest, DeleteScopeRequest, GetScopeRequest, ListScopesRequest, ListScopesResponse, Scope,
    UpdateScopeRequest,
};

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about scopes.
    Scopes serves scope_service_server::ScopeService {
        list_scopes(ListScopesRequest) -> ListScopesResponse = list::list;
        get_scope(GetScopeRequest) -> Scope = get::get;
        create_scope(CreateScopeRequest) -> Scope = create::create;
        update_scope(UpdateScopeRequest) -> Scope = update::update;
        delete_scope(DeleteScopeRequest) -> () = delete::delete;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<Scope>] = mask::fields! {
    Scope {
        open: description, claims;
        fixed: value;
        output: name, built_in, create_time, update_time, etag;
    }
};

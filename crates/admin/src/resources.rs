//! Resources, the APIs that tokens are for: one file for each call.

mod create;
mod delete;
pub(crate) mod draft;
mod find;
pub(crate) mod fit;
mod get;
mod list;
pub(crate) mod message;
mod update;
pub(crate) mod write;

use chancery_proto::v1::{
    CreateResourceRequest, DeleteResourceRequest, GetResourceRequest, ListResourcesRequest, ListResourcesResponse,
    Resource, UpdateResourceRequest,
};
pub(crate) use fit::check_policy;

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about resources.
    Resources serves resource_service_server::ResourceService {
        list_resources(ListResourcesRequest) -> ListResourcesResponse = list::list;
        get_resource(GetResourceRequest) -> Resource = get::get;
        create_resource(CreateResourceRequest) -> Resource = create::create;
        update_resource(UpdateResourceRequest) -> Resource = update::update;
        delete_resource(DeleteResourceRequest) -> () = delete::delete;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<Resource>] = mask::fields! {
    Resource {
        open: display_name, scopes, access_token_ttl, signing_algorithm;
        fixed: identifier;
        output: name, create_time, update_time, etag;
    }
};

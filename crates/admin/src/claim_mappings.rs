//! Claim mappings, what tokens and UserInfo say beyond the usual: one file for each call.

mod create;
mod delete;
mod find;
pub(crate) mod fit;
mod get;
mod list;
pub(crate) mod message;
mod update;
pub(crate) mod write;

use chancery_proto::v1::{
    ClaimMapping, CreateClaimMappingRequest, DeleteClaimMappingRequest, GetClaimMappingRequest,
    ListClaimMappingsRequest, ListClaimMappingsResponse, UpdateClaimMappingRequest,
};

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about claim mappings.
    ClaimMappings serves claim_mapping_service_server::ClaimMappingService {
        list_claim_mappings(ListClaimMappingsRequest) -> ListClaimMappingsResponse = list::list;
        get_claim_mapping(GetClaimMappingRequest) -> ClaimMapping = get::get;
        create_claim_mapping(CreateClaimMappingRequest) -> ClaimMapping = create::create;
        update_claim_mapping(UpdateClaimMappingRequest) -> ClaimMapping = update::update;
        delete_claim_mapping(DeleteClaimMappingRequest) -> () = delete::delete;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<ClaimMapping>] = mask::fields! {
    ClaimMapping {
        open: claim, user_claim, constant, targets, scope, client;
        fixed: ;
        output: name, create_time, update_time, etag;
    }
};

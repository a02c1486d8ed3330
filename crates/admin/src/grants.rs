//! Grants and the tokens that hang on them: one file for each call.

mod find;
mod get;
mod list;
mod message;
pub(crate) mod reference;
mod revoke;
mod revoke_all;
mod revoke_token;
pub(crate) mod revoking;

use chancery_proto::v1::{
    GetGrantRequest, Grant, ListGrantsRequest, ListGrantsResponse, RevokeGrantRequest, RevokeGrantsRequest,
    RevokeGrantsResponse, RevokeTokenRequest, RevokeTokenResponse,
};

use crate::service::service;

service! {
    /// Answers the calls about grants.
    Grants serves grant_service_server::GrantService {
        list_grants(ListGrantsRequest) -> ListGrantsResponse = list::list;
        get_grant(GetGrantRequest) -> Grant = get::get;
        revoke_grant(RevokeGrantRequest) -> Grant = revoke::revoke;
        revoke_grants(RevokeGrantsRequest) -> RevokeGrantsResponse = revoke_all::revoke_all;
        revoke_token(RevokeTokenRequest) -> RevokeTokenResponse = revoke_token::revoke_token;
    }
}

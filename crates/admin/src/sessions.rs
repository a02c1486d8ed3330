//! Sessions: one file for each call.

mod find;
mod get;
mod list;
mod message;
mod revoke;
mod revoke_all;

use chancery_proto::v1::{
    GetSessionRequest, ListSessionsRequest, ListSessionsResponse, RevokeSessionRequest, RevokeSessionResponse,
    RevokeSessionsRequest, RevokeSessionsResponse, Session,
};

use crate::service::service;

service! {
    /// Answers the calls about sessions.
    Sessions serves session_service_server::SessionService {
        list_sessions(ListSessionsRequest) -> ListSessionsResponse = list::list;
        get_session(GetSessionRequest) -> Session = get::get;
        revoke_session(RevokeSessionRequest) -> RevokeSessionResponse = revoke::revoke;
        revoke_sessions(RevokeSessionsRequest) -> RevokeSessionsResponse = revoke_all::revoke_all;
    }
}

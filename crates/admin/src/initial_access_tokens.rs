//! Initial access tokens, which let somebody register a client: one file for each call.

mod create;
mod delete;
mod list;
mod message;

use chancery_proto::v1::{
    CreateInitialAccessTokenRequest, CreateInitialAccessTokenResponse, DeleteInitialAccessTokenRequest,
    ListInitialAccessTokensRequest, ListInitialAccessTokensResponse,
};

use crate::service::service;

service! {
    /// Answers the calls about initial access tokens.
    InitialAccessTokens serves initial_access_token_service_server::InitialAccessTokenService {
        list_initial_access_tokens(ListInitialAccessTokensRequest) -> ListInitialAccessTokensResponse = list::list;
        create_initial_access_token(CreateInitialAccessTokenRequest) -> CreateInitialAccessTokenResponse =
            create::create;
        delete_initial_access_token(DeleteInitialAccessTokenRequest) -> () = delete::delete;
    }
}

//! API keys, which callers of this API authenticate with: one file for each call.

mod create;
mod delete;
mod list;
pub(crate) mod message;

use chancery_proto::v1::{
    CreateApiKeyRequest, CreateApiKeyResponse, DeleteApiKeyRequest, ListApiKeysRequest, ListApiKeysResponse,
};

use crate::service::service;

pub(crate) use self::create::roles;

service! {
    /// Answers the calls about API keys.
    ApiKeys serves api_key_service_server::ApiKeyService {
        list_api_keys(ListApiKeysRequest) -> ListApiKeysResponse = list::list;
        create_api_key(CreateApiKeyRequest) -> CreateApiKeyResponse = create::create;
        delete_api_key(DeleteApiKeyRequest) -> () = delete::delete;
    }
}

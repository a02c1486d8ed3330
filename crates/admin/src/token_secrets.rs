//! Token secrets, which a tenant shares with resource servers that verify HMAC access tokens: one file for each call.

mod activate;
mod delete;
mod generate;
mod list;
mod message;

use chancery_domain::{id::TokenSecretId, token_secret::TokenSecret};
use chancery_proto::v1::{
    self, ActivateTokenSecretRequest, DeleteTokenSecretRequest, GenerateTokenSecretRequest,
    GenerateTokenSecretResponse, ListTokenSecretsRequest, ListTokenSecretsResponse,
};

use crate::{
    service::service,
    status::{Reason, Refusal},
};

service! {
    /// Answers the calls about token secrets.
    TokenSecrets serves token_secret_service_server::TokenSecretService {
        list_token_secrets(ListTokenSecretsRequest) -> ListTokenSecretsResponse = list::list;
        generate_token_secret(GenerateTokenSecretRequest) -> GenerateTokenSecretResponse = generate::generate;
        activate_token_secret(ActivateTokenSecretRequest) -> v1::TokenSecret = activate::activate;
        delete_token_secret(DeleteTokenSecretRequest) -> () = delete::delete;
    }
}

/// The one of that id, of those that a tenant has.
fn find(secrets: &[TokenSecret], id: TokenSecretId, name: &str) -> Result<TokenSecret, Refusal> {
    let found = secrets.iter().find(|secret| secret.id == id).cloned();
    found.ok_or_else(|| Refusal::not_found(Reason::TokenSecretNotFound, "TokenSecret", name))
}

//! Clients and their secrets: one file for each call.

mod create;
pub(crate) mod delete;
mod delete_secret;
pub(crate) mod disable;
pub(crate) mod draft;
mod enable;
pub(crate) mod find;
pub(crate) mod fit;
mod generate_secret;
mod get;
mod list;
mod list_secrets;
mod logout;
pub(crate) mod message;
mod places;
mod read;
mod turn;
mod update;
pub(crate) mod write;

pub(crate) use self::read::{auth_method as read_auth_method, grant_type as read_grant_type};

use chancery_proto::v1::{
    Client, CreateClientRequest, DeleteClientRequest, DeleteClientSecretRequest, DisableClientRequest,
    EnableClientRequest, GenerateClientSecretRequest, GenerateClientSecretResponse, GetClientRequest,
    ListClientSecretsRequest, ListClientSecretsResponse, ListClientsRequest, ListClientsResponse, UpdateClientRequest,
};

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about clients.
    Clients serves client_service_server::ClientService {
        list_clients(ListClientsRequest) -> ListClientsResponse = list::list;
        get_client(GetClientRequest) -> Client = get::get;
        create_client(CreateClientRequest) -> Client = create::create;
        update_client(UpdateClientRequest) -> Client = update::update;
        delete_client(DeleteClientRequest) -> () = delete::delete;
        list_client_secrets(ListClientSecretsRequest) -> ListClientSecretsResponse = list_secrets::list_secrets;
        delete_client_secret(DeleteClientSecretRequest) -> () = delete_secret::delete_secret;
        disable_client(DisableClientRequest) -> Client = disable::disable;
        enable_client(EnableClientRequest) -> Client = enable::enable;
        generate_client_secret(GenerateClientSecretRequest) -> GenerateClientSecretResponse =
            generate_secret::generate_secret;
    }
}

/// What an update may change.
pub(crate) const FIELDS: &[Field<Client>] = mask::fields! {
    Client {
        open: display_name, auth_methods, redirect_uris, post_logout_redirect_uris, grant_types, scopes, skip_consent,
            require_pkce, allowed_origins, logo_uri, policy_uri, tos_uri,
            id_token_signed_response_alg, response_types, default_max_age, require_auth_time,
            authorization_signed_response_alg, authorization_encrypted_response_alg,
            authorization_encrypted_response_enc, token_endpoint_auth_signing_alg,
            require_pushed_authorization_requests, request_object_signing_alg, request_uris,
            require_signed_request_object, jwks, jwks_uri, backchannel_logout_uri, backchannel_logout_session_required,
            frontchannel_logout_uri, frontchannel_logout_session_required, logout_scope, exchange_resources,
            exchange_impersonates, request_object_encryption_alg, request_object_encryption_enc,
            userinfo_signed_response_alg, id_token_encrypted_response_alg,
            id_token_encrypted_response_enc, userinfo_encrypted_response_alg, userinfo_encrypted_response_enc,
            subject_type, sector_identifier_uri, introspection_signed_response_alg, dpop_bound_access_tokens;
        within token_lifetimes: access_token_ttl, client_credentials_ttl, id_token_ttl, refresh_idle_ttl,
            refresh_absolute_ttl, refresh_max_uses;
        fixed: kind;
        output: name, uid, state, create_time, update_time, etag, registered_by, initiate_login_uri, client_uri, contacts,
            software_id, software_version;
    }
};

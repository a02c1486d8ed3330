//! The server: every service behind the door, on a listener of its own.

use std::{sync::Arc, time::Duration};

use chancery_proto::{
    FILE_DESCRIPTOR_SET,
    v1::{
        api_key_service_server::ApiKeyServiceServer, approval_service_server::ApprovalServiceServer,
        audit_service_server::AuditServiceServer, bootstrap_service_server::BootstrapServiceServer,
        claim_mapping_service_server::ClaimMappingServiceServer, client_service_server::ClientServiceServer,
        consent_service_server::ConsentServiceServer, encryption_key_service_server::EncryptionKeyServiceServer,
        grant_service_server::GrantServiceServer, initial_access_token_service_server::InitialAccessTokenServiceServer,
        key_service_server::KeyServiceServer, master_key_service_server::MasterKeyServiceServer,
        preview_service_server::PreviewServiceServer, resource_service_server::ResourceServiceServer,
        role_binding_service_server::RoleBindingServiceServer, role_service_server::RoleServiceServer,
        scope_service_server::ScopeServiceServer, session_service_server::SessionServiceServer,
        tenant_document_service_server::TenantDocumentServiceServer, tenant_service_server::TenantServiceServer,
        token_secret_service_server::TokenSecretServiceServer,
        trusted_issuer_service_server::TrustedIssuerServiceServer, user_service_server::UserServiceServer,
        watch_service_server::WatchServiceServer,
    },
};
use tokio::net::TcpListener;
use tonic::{service::Routes, transport::Server};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    api_keys::ApiKeys,
    approvals::Approvals,
    audit::Audit,
    bootstrap::Bootstrap,
    claim_mappings::ClaimMappings,
    clients::Clients,
    consents::Consents,
    context::Context,
    documents::{self, TenantDocuments},
    door::Door,
    encryption_keys::EncryptionKeys,
    grants::Grants,
    initial_access_tokens::InitialAccessTokens,
    keys::Keys,
    listener::{self, Tls},
    master_keys::MasterKeys,
    previews::Previews,
    resources::Resources,
    role_bindings::RoleBindings,
    roles::Roles,
    scopes::Scopes,
    sessions::Sessions,
    tenants::Tenants,
    token_secrets::TokenSecrets,
    trusted_issuers::TrustedIssuers,
    users::Users,
    watch::Watch,
};

/// The largest message that is read, but for documents.
const MESSAGE_LIMIT: usize = 1024 * 1024;
/// The largest message about documents that is read: a whole document, and what a request says beside it. Nothing of a
/// message is read before its caller is known and may make the call.
const DOCUMENT_LIMIT: usize = documents::LARGEST + MESSAGE_LIMIT;
/// The largest metadata that is read at all, in bytes. The door refuses a part of that, with a reason.
const METADATA_LIMIT: u32 = 128 * 1024;
/// How long calls in progress are waited for at the end.
const GRACE: Duration = Duration::from_secs(10);
/// How many calls of one connection run at a time.
const STREAMS: u32 = 256;

/// Why the server stopped, or never began.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener failed.
    #[error("the admin listener failed")]
    Transport(#[from] tonic::transport::Error),
    /// The descriptors of the contract cannot be read.
    #[error("the reflection service cannot be built")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Serves the admin API until the context says to stop; then calls in progress get ten seconds to end.
pub async fn serve(context: Context, listener: TcpListener, tls: Option<Arc<Tls>>) -> Result<(), ServeError> {
    let stop = context.stop.clone();
    let (health, door) = door(context)?;
    let server = Server::builder()
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(METADATA_LIMIT)
        .http2_keepalive_interval(Some(Duration::from_secs(60)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)));
    let incoming = listener::incoming(listener, tls, stop.clone());
    let ending = {
        let stop = stop.clone();
        async move {
            stop.cancelled().await;
            health.set_service_status("", ServingStatus::NotServing).await;
        }
    };
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        outcome = server.serve_with_incoming_shutdown(door, incoming, ending) => Ok(outcome?),
        () = overdue => Ok(()),
    }
}

/// Every service behind the door: ours, health, and reflection in both versions that clients ask for.
fn door(cx: Context) -> Result<(HealthReporter, Door), ServeError> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let mut routes = Routes::builder();
    routes
        .add_service(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .add_service(BootstrapServiceServer::new(Bootstrap(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(TenantServiceServer::new(Tenants(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ClientServiceServer::new(Clients(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ScopeServiceServer::new(Scopes(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ResourceServiceServer::new(Resources(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ClaimMappingServiceServer::new(ClaimMappings(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(
            TrustedIssuerServiceServer::new(TrustedIssuers(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT),
        )
        .add_service(UserServiceServer::new(Users(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(SessionServiceServer::new(Sessions(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(GrantServiceServer::new(Grants(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ConsentServiceServer::new(Consents(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(KeyServiceServer::new(Keys(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(MasterKeyServiceServer::new(MasterKeys(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(TokenSecretServiceServer::new(TokenSecrets(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(
            InitialAccessTokenServiceServer::new(InitialAccessTokens(cx.clone()))
                .max_decoding_message_size(MESSAGE_LIMIT),
        )
        .add_service(
            EncryptionKeyServiceServer::new(EncryptionKeys(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT),
        )
        .add_service(
            TenantDocumentServiceServer::new(TenantDocuments(cx.clone())).max_decoding_message_size(DOCUMENT_LIMIT),
        )
        .add_service(RoleServiceServer::new(Roles(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(RoleBindingServiceServer::new(RoleBindings(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ApprovalServiceServer::new(Approvals(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(AuditServiceServer::new(Audit(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ApiKeyServiceServer::new(ApiKeys(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(PreviewServiceServer::new(Previews(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(WatchServiceServer::new(Watch::new(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT));
    Ok((reporter, Door::new(cx, routes.routes().prepare())))
}

//! The server: every service behind the door, on a listener of its own.

use std::time::Duration;

use chancery_domain::secret::Secret;
use chancery_proto::{
    FILE_DESCRIPTOR_SET,
    v1::{
        api_key_service_server::ApiKeyServiceServer, client_service_server::ClientServiceServer,
        key_service_server::KeyServiceServer, master_key_service_server::MasterKeyServiceServer,
        scope_service_server::ScopeServiceServer, tenant_document_service_server::TenantDocumentServiceServer,
        tenant_service_server::TenantServiceServer, token_secret_service_server::TokenSecretServiceServer,
        user_service_server::UserServiceServer,
    },
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Identity, Server, ServerTlsConfig, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    api_keys::ApiKeys, clients::Clients, context::Context, documents::TenantDocuments, door::Door, keys::Keys,
    master_keys::MasterKeys, scopes::Scopes, tenants::Tenants, token_secrets::TokenSecrets, users::Users,
};

/// The largest message that is read.
const MESSAGE_LIMIT: usize = 1024 * 1024;
/// How long calls in progress are waited for at the end.
const GRACE: Duration = Duration::from_secs(10);
/// How many calls of one connection run at a time.
const STREAMS: u32 = 256;

/// A certificate chain and its private key, both PEM.
pub struct Tls {
    /// The chain, the server's own certificate first.
    pub certificates: String,
    /// The private key.
    pub key: Secret,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(..)")
    }
}

/// Why the server stopped, or never began.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate or its key cannot be used, or the listener failed.
    #[error("the admin listener failed")]
    Transport(#[from] tonic::transport::Error),
    /// The descriptors of the contract cannot be read.
    #[error("the reflection service cannot be built")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Serves the admin API until `stop`; then calls in progress get ten seconds to end.
pub async fn serve(
    context: Context,
    listener: TcpListener,
    tls: Option<Tls>,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let (health, door) = door(context)?;
    let mut server = Server::builder()
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(16 * 1024)
        .http2_keepalive_interval(Some(Duration::from_secs(60)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)));
    if let Some(Tls { certificates, key }) = tls {
        // tonic's configuration is where the key is needed.
        server = server.tls_config(ServerTlsConfig::new().identity(Identity::from_pem(certificates, key.expose())))?;
    }
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
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
        .add_service(TenantServiceServer::new(Tenants(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ClientServiceServer::new(Clients(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(ScopeServiceServer::new(Scopes(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(UserServiceServer::new(Users(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(KeyServiceServer::new(Keys(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(MasterKeyServiceServer::new(MasterKeys(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(TokenSecretServiceServer::new(TokenSecrets(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT))
        .add_service(
            TenantDocumentServiceServer::new(TenantDocuments(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT),
        )
        .add_service(ApiKeyServiceServer::new(ApiKeys(cx.clone())).max_decoding_message_size(MESSAGE_LIMIT));
    Ok((reporter, Door::new(cx, routes.routes().prepare())))
}

//! Where the admin API is, and who calls it.

mod key;
mod target;

use std::path::PathBuf;
use std::time::Duration;

use chancery_proto::v1::{
    api_key_service_client::ApiKeyServiceClient, approval_service_client::ApprovalServiceClient,
    audit_service_client::AuditServiceClient, bootstrap_service_client::BootstrapServiceClient,
    claim_mapping_service_client::ClaimMappingServiceClient, client_service_client::ClientServiceClient,
    consent_service_client::ConsentServiceClient, encryption_key_service_client::EncryptionKeyServiceClient,
    grant_service_client::GrantServiceClient, initial_access_token_service_client::InitialAccessTokenServiceClient,
    key_service_client::KeyServiceClient, master_key_service_client::MasterKeyServiceClient,
    preview_service_client::PreviewServiceClient, resource_service_client::ResourceServiceClient,
    role_binding_service_client::RoleBindingServiceClient, role_service_client::RoleServiceClient,
    scope_service_client::ScopeServiceClient, session_service_client::SessionServiceClient,
    tenant_document_service_client::TenantDocumentServiceClient, tenant_service_client::TenantServiceClient,
    token_secret_service_client::TokenSecretServiceClient, trusted_issuer_service_client::TrustedIssuerServiceClient,
    user_service_client::UserServiceClient, watch_service_client::WatchServiceClient,
};
use clap::Args;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::context::{Context, Contexts};
use crate::error::CliError;

pub(crate) use self::key::GivenKey;

/// How to reach the admin API, as arguments of every command. What is not given is taken from the context.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Where the admin API listens; without it and without a context, port 9090 of this machine
    #[arg(long, global = true, env = "CHANCERY_ADMIN_URL", value_name = "URL")]
    pub admin_url: Option<String>,
    /// The API key of the caller.
    #[command(flatten)]
    pub(crate) key: GivenKey,
    /// File with the certificates (PEM) to trust instead of those of the machine
    #[arg(long, global = true, env = "CHANCERY_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// File with the certificate (PEM, chain included) that the caller shows, for mutual TLS
    #[arg(long, global = true, env = "CHANCERY_CLIENT_CERTIFICATE", value_name = "FILE")]
    pub client_certificate: Option<PathBuf>,
    /// File with the private key (PEM) of that certificate
    #[arg(long, global = true, env = "CHANCERY_CLIENT_KEY", value_name = "FILE")]
    pub client_key: Option<PathBuf>,
    /// The context to take from what is not given, in place of the one in use (`chancery context`)
    #[arg(long, global = true, env = "CHANCERY_CONTEXT", value_name = "NAME")]
    pub context: Option<String>,
    /// File of contexts, in place of `contexts.toml` in the user's folder for configuration
    #[arg(long, global = true, env = "CHANCERY_CONTEXTS_FILE", value_name = "FILE")]
    pub contexts_file: Option<PathBuf>,
}

/// The largest answer about documents that is read, in bytes: a plan tells what two of at most 8 MiB hold, each field with
/// a sentence.
const DOCUMENT_LIMIT: usize = 64 * 1024 * 1024;

/// A channel on which each call carries the key.
pub(crate) type Line = InterceptedService<Channel, Bearer>;

/// The services of the admin API, not connected before the first call.
pub(crate) struct Api(Line);

/// Puts `authorization: Bearer …` (RFC 6750 section 2.1) on each call, unless a certificate says who calls.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Connection {
    /// How long a call may take; creating RSA keys is the slowest thing that the server does.
    const CALL: Duration = Duration::from_secs(60);
    /// How long reaching the server may take.
    const CONNECT: Duration = Duration::from_secs(10);

    /// Makes the services ready to be called.
    pub(crate) fn open(&self) -> Result<Api, CliError> {
        let target = self.target()?;
        let endpoint = target.endpoint()?.connect_timeout(Self::CONNECT).timeout(Self::CALL);
        Ok(Api(InterceptedService::new(endpoint.connect_lazy(), Bearer(target.bearer()?))))
    }

    /// The same for calls that nobody has to be known for.
    pub(crate) fn open_unknown(&self) -> Result<Api, CliError> {
        let endpoint = self.place()?.endpoint()?.connect_timeout(Self::CONNECT).timeout(Self::CALL);
        Ok(Api(InterceptedService::new(endpoint.connect_lazy(), Bearer(None))))
    }

    /// The file of contexts.
    pub fn contexts_path(&self) -> Result<PathBuf, CliError> {
        self.contexts_file.clone().or_else(Contexts::usual_place).ok_or_else(|| {
            CliError::Usage("no place for contexts: set HOME or XDG_CONFIG_HOME, or name --contexts-file".to_owned())
        })
    }

    /// The context that is named or in use, with its name.
    pub fn chosen_context(&self) -> Result<Option<(String, Context)>, CliError> {
        if self.context.is_none() && self.contexts_file.is_none() && Contexts::usual_place().is_none() {
            return Ok(None);
        }
        let contexts = Contexts::read(&self.contexts_path()?)?;
        let found = contexts.find(self.context.as_deref())?.cloned();
        Ok(self.context.clone().or(contexts.current).zip(found))
    }

    /// The tenant that a command is about when it names none: by the environment, else by the context.
    pub fn default_tenant(&self) -> Result<Option<String>, CliError> {
        match std::env::var_os("CHANCERY_TENANT").and_then(|tenant| tenant.into_string().ok()) {
            Some(tenant) if !tenant.is_empty() => Ok(Some(tenant)),
            Some(_) | None => Ok(self.chosen_context()?.and_then(|(_, context)| context.tenant)),
        }
    }
}

impl Api {
    pub(crate) fn bootstrap(&self) -> BootstrapServiceClient<Line> {
        BootstrapServiceClient::new(self.0.clone())
    }

    pub(crate) fn tenants(&self) -> TenantServiceClient<Line> {
        TenantServiceClient::new(self.0.clone())
    }

    pub(crate) fn clients(&self) -> ClientServiceClient<Line> {
        ClientServiceClient::new(self.0.clone())
    }

    pub(crate) fn scopes(&self) -> ScopeServiceClient<Line> {
        ScopeServiceClient::new(self.0.clone())
    }

    pub(crate) fn resources(&self) -> ResourceServiceClient<Line> {
        ResourceServiceClient::new(self.0.clone())
    }

    pub(crate) fn trusted_issuers(&self) -> TrustedIssuerServiceClient<Line> {
        TrustedIssuerServiceClient::new(self.0.clone())
    }

    pub(crate) fn claim_mappings(&self) -> ClaimMappingServiceClient<Line> {
        ClaimMappingServiceClient::new(self.0.clone())
    }

    pub(crate) fn users(&self) -> UserServiceClient<Line> {
        UserServiceClient::new(self.0.clone())
    }

    pub(crate) fn sessions(&self) -> SessionServiceClient<Line> {
        SessionServiceClient::new(self.0.clone())
    }

    pub(crate) fn grants(&self) -> GrantServiceClient<Line> {
        GrantServiceClient::new(self.0.clone())
    }

    pub(crate) fn consents(&self) -> ConsentServiceClient<Line> {
        ConsentServiceClient::new(self.0.clone())
    }

    pub(crate) fn keys(&self) -> KeyServiceClient<Line> {
        KeyServiceClient::new(self.0.clone())
    }

    pub(crate) fn master_keys(&self) -> MasterKeyServiceClient<Line> {
        MasterKeyServiceClient::new(self.0.clone())
    }

    pub(crate) fn encryption_keys(&self) -> EncryptionKeyServiceClient<Line> {
        EncryptionKeyServiceClient::new(self.0.clone())
    }

    pub(crate) fn token_secrets(&self) -> TokenSecretServiceClient<Line> {
        TokenSecretServiceClient::new(self.0.clone())
    }

    pub(crate) fn initial_access_tokens(&self) -> InitialAccessTokenServiceClient<Line> {
        InitialAccessTokenServiceClient::new(self.0.clone())
    }

    pub(crate) fn documents(&self) -> TenantDocumentServiceClient<Line> {
        TenantDocumentServiceClient::new(self.0.clone()).max_decoding_message_size(DOCUMENT_LIMIT)
    }

    pub(crate) fn audit(&self) -> AuditServiceClient<Line> {
        AuditServiceClient::new(self.0.clone())
    }

    pub(crate) fn api_keys(&self) -> ApiKeyServiceClient<Line> {
        ApiKeyServiceClient::new(self.0.clone())
    }

    pub(crate) fn roles(&self) -> RoleServiceClient<Line> {
        RoleServiceClient::new(self.0.clone())
    }

    pub(crate) fn role_bindings(&self) -> RoleBindingServiceClient<Line> {
        RoleBindingServiceClient::new(self.0.clone())
    }

    pub(crate) fn approvals(&self) -> ApprovalServiceClient<Line> {
        ApprovalServiceClient::new(self.0.clone())
    }

    pub(crate) fn previews(&self) -> PreviewServiceClient<Line> {
        PreviewServiceClient::new(self.0.clone())
    }

    pub(crate) fn watch(&self) -> WatchServiceClient<Line> {
        WatchServiceClient::new(self.0.clone())
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(bearer) = &self.0 {
            request.metadata_mut().insert("authorization", bearer.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests;

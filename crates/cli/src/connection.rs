//! Where the admin API is, and who calls it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chancery_proto::v1::{
    api_key_service_client::ApiKeyServiceClient, client_service_client::ClientServiceClient,
    key_service_client::KeyServiceClient, master_key_service_client::MasterKeyServiceClient,
    preview_service_client::PreviewServiceClient, scope_service_client::ScopeServiceClient,
    tenant_service_client::TenantServiceClient, token_secret_service_client::TokenSecretServiceClient,
    user_service_client::UserServiceClient, watch_service_client::WatchServiceClient,
};
use clap::Args;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use crate::error::CliError;

/// How to reach the admin API, as arguments of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Where the admin API listens
    #[arg(
        long,
        global = true,
        env = "CHANCERY_ADMIN_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:9090"
    )]
    pub admin_url: String,
    /// API key of the caller; rather by environment or file, for arguments are seen by others on the machine
    #[arg(long, global = true, env = "CHANCERY_ADMIN_KEY", value_name = "KEY", hide_env_values = true)]
    pub admin_key: Option<AdminKey>,
    /// File with the API key of the caller; goes before a key given otherwise
    #[arg(long, global = true, env = "CHANCERY_ADMIN_KEY_FILE", value_name = "FILE")]
    pub admin_key_file: Option<PathBuf>,
    /// File with the certificates (PEM) to trust instead of those of the machine
    #[arg(long, global = true, env = "CHANCERY_CA_FILE", value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// An API key of the admin API. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminKey(String);

impl FromStr for AdminKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "" => Err("must not be empty"),
            key if key.bytes().all(|b| b.is_ascii_graphic()) => Ok(Self(key.to_owned())),
            _ => Err("must be one word of ASCII characters"),
        }
    }
}

impl fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminKey(..)")
    }
}

/// A channel on which each call carries the key.
pub(crate) type Line = InterceptedService<Channel, Bearer>;

/// The services of the admin API, not connected before the first call.
pub(crate) struct Api(Line);

/// Puts `authorization: Bearer …` (RFC 6750 section 2.1) on each call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Connection {
    /// How long a call may take; creating RSA keys is the slowest thing that the server does.
    const CALL: Duration = Duration::from_secs(60);
    /// How long reaching the server may take.
    const CONNECT: Duration = Duration::from_secs(10);

    /// Makes the services ready to be called.
    pub(crate) fn open(self) -> Result<Api, CliError> {
        let key = self.key()?;
        let mut value: MetadataValue<Ascii> = format!("Bearer {}", key.0)
            .parse()
            .map_err(|_| CliError::Usage("the admin key has characters that no key has".to_owned()))?;
        value.set_sensitive(true);
        let channel = self.endpoint()?.connect_lazy();
        Ok(Api(InterceptedService::new(channel, Bearer(value))))
    }

    fn key(&self) -> Result<AdminKey, CliError> {
        if let Some(file) = &self.admin_key_file {
            let text = CliError::reading(file, std::fs::read_to_string(file))?;
            return text.parse().map_err(|rule| CliError::Usage(format!("the key in {} {rule}", file.display())));
        }
        self.admin_key.clone().ok_or_else(|| {
            CliError::Usage("no admin key: set CHANCERY_ADMIN_KEY, or name its file with --admin-key-file".to_owned())
        })
    }

    fn endpoint(&self) -> Result<Endpoint, CliError> {
        let wrong = |why: &dyn fmt::Display| CliError::Usage(format!("--admin-url {}: {why}", self.admin_url));
        let endpoint = Endpoint::from_shared(self.admin_url.clone())
            .map_err(|cause| wrong(&cause))?
            .connect_timeout(Self::CONNECT)
            .timeout(Self::CALL);
        match endpoint.uri().scheme_str() {
            Some("http") => Ok(endpoint),
            Some("https") => endpoint.tls_config(self.trust()?).map_err(|cause| wrong(&cause)),
            Some(_) | None => Err(wrong(&"must begin with http:// or https://")),
        }
    }

    fn trust(&self) -> Result<ClientTlsConfig, CliError> {
        let Some(file) = &self.ca_file else {
            return Ok(ClientTlsConfig::new().with_native_roots());
        };
        let pem = CliError::reading(file, std::fs::read(file))?;
        Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
    }
}

impl Api {
    pub(crate) fn tenants(&self) -> TenantServiceClient<Line> {
        TenantServiceClient::new(self.0.clone())
    }

    pub(crate) fn clients(&self) -> ClientServiceClient<Line> {
        ClientServiceClient::new(self.0.clone())
    }

    pub(crate) fn scopes(&self) -> ScopeServiceClient<Line> {
        ScopeServiceClient::new(self.0.clone())
    }

    pub(crate) fn users(&self) -> UserServiceClient<Line> {
        UserServiceClient::new(self.0.clone())
    }

    pub(crate) fn keys(&self) -> KeyServiceClient<Line> {
        KeyServiceClient::new(self.0.clone())
    }

    pub(crate) fn master_keys(&self) -> MasterKeyServiceClient<Line> {
        MasterKeyServiceClient::new(self.0.clone())
    }

    pub(crate) fn token_secrets(&self) -> TokenSecretServiceClient<Line> {
        TokenSecretServiceClient::new(self.0.clone())
    }

    pub(crate) fn api_keys(&self) -> ApiKeyServiceClient<Line> {
        ApiKeyServiceClient::new(self.0.clone())
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
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(url: &str, key: Option<&str>) -> Connection {
        Connection {
            admin_url: url.to_owned(),
            admin_key: key.map(|key| key.parse().expect("a key")),
            admin_key_file: None,
            ca_file: None,
        }
    }

    fn refusal(connection: Connection) -> String {
        connection.open().err().expect("refused").to_string()
    }

    #[test]
    fn a_key_is_asked_for_and_never_printed() {
        assert!(refusal(connection("http://127.0.0.1:9090", None)).contains("CHANCERY_ADMIN_KEY"));
        assert!(!format!("{:?}", connection("http://127.0.0.1:9090", Some("hush"))).contains("hush"));
    }

    #[test]
    fn a_key_is_one_word() {
        for bad in ["", " \n", "two words", "kéy"] {
            assert!(bad.parse::<AdminKey>().is_err(), "{bad:?}");
        }
        assert_eq!("word\n".parse(), Ok(AdminKey("word".to_owned())));
    }

    #[test]
    fn an_address_has_a_scheme_that_we_speak() {
        for bad in ["127.0.0.1:9090", "ftp://admin.example", "http://", ""] {
            assert!(refusal(connection(bad, Some("k"))).contains("--admin-url"), "{bad}");
        }
    }
}

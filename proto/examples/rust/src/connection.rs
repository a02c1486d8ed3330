//! Where the admin API is, and who calls it.

use std::error::Error;
use std::fs;
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

/// A channel on which each call carries the key.
pub(crate) type Line = InterceptedService<Channel, Bearer>;

/// Puts the key on every call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A channel to the admin API, with TLS where the address says so.
pub(crate) fn connect() -> Result<Line, Box<dyn Error>> {
    let url = variable("CHANCERY_ADMIN_URL").ok_or("CHANCERY_ADMIN_URL says where the admin API is")?;
    let key = variable("CHANCERY_ADMIN_KEY").ok_or("CHANCERY_ADMIN_KEY is the API key to call with")?;
    let mut endpoint = Endpoint::from_shared(url.clone())?.timeout(Duration::from_secs(30));
    if url.starts_with("https://") {
        let trust = match variable("CHANCERY_CA_FILE") {
            Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(fs::read(file)?)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        endpoint = endpoint.tls_config(trust)?;
    }
    let mut bearer: MetadataValue<Ascii> = format!("Bearer {key}").parse()?;
    bearer.set_sensitive(true);
    Ok(InterceptedService::new(endpoint.connect_lazy(), Bearer(bearer)))
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}

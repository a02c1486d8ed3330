//! Whose certificates are believed.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file that cannot be read, or holds no certificate.
    #[error("{file}: {what}")]
    File {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// A certificate that nothing can be verified with.
    #[error("a certificate of an authority cannot be used: {0}")]
    Root(String),
    /// TLS or the client itself.
    #[error("the client for calls to the outside cannot be made: {0}")]
    Client(String),
}

/// The certificates in a PEM file; at least one.
pub fn read_roots(file: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let wrong = |what: String| TrustError::File { file: file.display().to_string(), what };
    let found = CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() { Err(wrong("holds no certificate".to_owned())) } else { Ok(found) }
}

/// TLS that believes the authorities of the machine and those. A machine without any is told of and no reason to stop:
/// where nothing is fetched, nothing is missing.
pub(crate) fn config(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, TrustError> {
    let mut store = RootCertStore::empty();
    let machine = rustls_native_certs::load_native_certs();
    let (usable, _) = store.add_parsable_certificates(machine.certs);
    if usable == 0 {
        tracing::warn!("this machine has no certificates of authorities: calls by https fail");
    }
    for root in roots {
        store.add(root).map_err(|error| TrustError::Root(error.to_string()))?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TrustError::Client(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

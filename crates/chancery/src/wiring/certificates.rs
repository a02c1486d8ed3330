//! Certificates of the listeners: read from files, and read again while serving.
//!
//! What is set takes no connection down: a new handshake gets the new certificate, connections that stand keep theirs.
//! Files that cannot be used, half-written ones for instance, change nothing and are told in the log.

mod holders;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{ClientCertificates, TlsFiles};
use holders::HoldersOnly;

/// How often the files are looked at though nobody asked for it.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// The files of one listener, and what of them is in use.
pub(super) struct Certificates {
    files: TlsFiles,
    protocols: &'static [&'static [u8]],
    seen: Texts,
}

/// The content of the files: what counts is whether it changed, not what the file system says of it.
#[derive(PartialEq, Eq)]
struct Texts {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Certificates {
    /// Reads the files for the first time, for a listener that speaks these protocols. Here a fault ends the start.
    pub(super) fn read(
        files: &TlsFiles,
        protocols: &'static [&'static [u8]],
    ) -> anyhow::Result<(Self, Arc<ServerConfig>)> {
        let texts = Texts::read(files)?;
        let settings = Arc::new(texts.settings(files, protocols)?);
        Ok((Self { files: files.clone(), protocols, seen: texts }, settings))
    }

    /// Looks at the files every few seconds and whenever it is asked for, and installs what is new, until stopped.
    pub(super) async fn follow(
        mut self,
        install: impl Fn(Arc<ServerConfig>) + Send,
        mut asked: watch::Receiver<()>,
        stop: CancellationToken,
    ) {
        let file = self.files.certificate.display().to_string();
        let mut told = String::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
                // Whoever asks wants to hear again what is wrong.
                Ok(()) = asked.changed() => told.clear(),
            }
            let error = match self.look() {
                Ok(None) => String::new(),
                Ok(Some(settings)) => {
                    install(settings);
                    tracing::info!(file, "a new certificate is in use");
                    String::new()
                }
                Err(error) => format!("{error:#}"),
            };
            // What is wrong is told once, not every few seconds.
            if !error.is_empty() && error != told {
                tracing::error!(file, error, "the certificate in use stays: the new one cannot be used");
            }
            told = error;
        }
    }

    /// New settings, where the files are not those in use.
    fn look(&mut self) -> anyhow::Result<Option<Arc<ServerConfig>>> {
        let texts = Texts::read(&self.files)?;
        if self.seen == texts {
            return Ok(None);
        }
        let settings = texts.settings(&self.files, self.protocols)?;
        self.seen = texts;
        Ok(Some(Arc::new(settings)))
    }
}

impl Texts {
    fn read(files: &TlsFiles) -> anyhow::Result<Self> {
        let read = |path: &Path| std::fs::read(path).with_context(|| format!("reading {}", path.display()));
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
            client_ca: match &files.clients {
                ClientCertificates::Of(authorities) => Some(read(authorities)?),
                ClientCertificates::NotAsked | ClientCertificates::JudgedLater => None,
            },
        })
    }

    /// The settings that they make. A key that does not belong to the certificate is refused.
    fn settings(&self, files: &TlsFiles, protocols: &[&[u8]]) -> anyhow::Result<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chain = chain(&self.certificate).with_context(|| format!("in {}", files.certificate.display()))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key);
        let key = key.with_context(|| format!("in {}", files.key.display()))?;
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let asked = match (&files.clients, &self.client_ca) {
            (ClientCertificates::Of(file), Some(authorities)) => Some(verifier(authorities, file, provider)?),
            (ClientCertificates::JudgedLater, _) => Some(Arc::new(HoldersOnly::by(&provider)) as _),
            (ClientCertificates::NotAsked | ClientCertificates::Of(_), _) => None,
        };
        let asks_clients = asked.is_some();
        let builder = match asked {
            None => builder.with_no_client_auth(),
            Some(verifier) => builder.with_client_cert_verifier(verifier),
        };
        let made = builder.with_single_cert(chain, key);
        let mut settings = made.with_context(|| {
            format!("{} and {} do not go together", files.certificate.display(), files.key.display())
        })?;
        settings.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        if asks_clients {
            // A resumed session would not look at the client's certificate again.
            settings.session_storage = Arc::new(NoServerSessionStorage {});
            settings.send_tls13_tickets = 0;
        }
        Ok(settings)
    }
}

/// Believes client certificates of these authorities, and lets clients in that show none: they may have an API key.
fn verifier(
    authorities: &[u8],
    file: &Path,
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> anyhow::Result<Arc<dyn ClientCertVerifier>> {
    let of_file = || format!("in {}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in chain(authorities).with_context(of_file)? {
        roots.add(certificate).with_context(of_file)?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    builder.allow_unauthenticated().build().with_context(of_file)
}

fn chain(pem: &[u8]) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
    ensure!(!chain.is_empty(), "there is no certificate");
    Ok(chain)
}

#[cfg(test)]
mod tests;

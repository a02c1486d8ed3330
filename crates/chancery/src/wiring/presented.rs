//! The certificate that a client showed in the handshake, on its way to the requests of the connection.

use std::{io, pin::Pin, sync::Arc};

use axum::{Extension, middleware::AddExtension};
use axum_server::{
    accept::{Accept, NoDelayAcceptor},
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use chancery_domain::certificate::ClientCertificate;
use chancery_http::Presented;
use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tower::Layer;

/// Ends the TLS, and puts into every request what the client showed.
#[derive(Clone)]
pub(super) struct WithCertificates(RustlsAcceptor<NoDelayAcceptor>);

impl WithCertificates {
    /// By that configuration, which can be replaced while this serves.
    pub(super) fn by(config: RustlsConfig) -> Self {
        Self(RustlsAcceptor::new(config).acceptor(NoDelayAcceptor::new()))
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for WithCertificates {
    type Stream = TlsStream<TcpStream>;
    type Service = AddExtension<S, Presented>;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let accepted = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            let shown = stream.get_ref().1.peer_certificates().and_then(shown);
            Ok((stream, Extension(Presented(shown)).layer(service)))
        })
    }
}

fn shown(chain: &[CertificateDer<'_>]) -> Option<Arc<ClientCertificate>> {
    let (leaf, intermediates) = chain.split_first()?;
    let few = intermediates.iter().take(ClientCertificate::MOST_INTERMEDIATES);
    Some(Arc::new(ClientCertificate { leaf: leaf.to_vec(), intermediates: few.map(|der| der.to_vec()).collect() }))
}

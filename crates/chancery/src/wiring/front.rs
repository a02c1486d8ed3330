//! The public listener: plain behind a proxy, or TLS of our own.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::AtomicBool, atomic::Ordering},
    time::Duration,
};

use anyhow::Context as _;
use axum_server::{Handle, accept::NoDelayAcceptor, tls_rustls::RustlsConfig};
use chancery_domain::issuer::PublicUrl;
use hyper_util::{rt::TokioTimer, server::conn::auto::Builder};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{House, certificates::Certificates, presented::WithCertificates};
use crate::config::{Config, MtlsSection, TlsFiles};

/// How long a caller may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// How many requests of one HTTP/2 connection may run at a time.
/// How large the head of a request may be, in bytes, by HTTP/1.1 and by HTTP/2: what is refused for its size alone is refused
/// alike, and the rest reaches those who can say what is wrong with it.
const HEAD: u32 = 128 * 1024;
const STREAMS: u32 = 100;
/// How often the database is asked whether it is there.
const READY_EVERY: Duration = Duration::from_secs(1);

/// Takes a port; says what to do when somebody else has it.
pub(crate) fn listen(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| {
        format!("cannot listen on {address}; choose another address with {setting}, or stop what uses it")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl House {
    /// What the protocol works with.
    pub(super) fn oauth(&self) -> chancery_oauth::Context {
        chancery_oauth::Context {
            store: Arc::new(self.storage.clone()),
            directory: Arc::clone(&self.directory) as _,
            client_key_sets: Arc::clone(&self.client_keys),
            fetch: Arc::clone(&self.outbound) as _,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        }
    }

    /// What the doors of the front work with. Readiness follows the database until stopped.
    fn front(&self, stop: CancellationToken) -> chancery_http::State {
        let ready = Arc::new(AtomicBool::new(true));
        tokio::spawn(watch_database(self.storage.clone(), Arc::clone(&ready), stop));
        let mut hosts = self.hosts.clone();
        // A proxy that ends the TLS of clients with certificates may leave their host in place.
        hosts.extend(self.mtls.as_ref().and_then(|mtls| mtls.public_url.as_ref()).map(PublicUrl::host));
        chancery_http::State {
            oauth: self.oauth(),
            accounts: chancery_accounts::Context {
                store: Arc::new(self.storage.clone()),
                clock: Arc::clone(&self.clock),
                random: Arc::clone(&self.random),
                gate: Arc::clone(&self.gate),
                throttle: Arc::clone(&self.throttle),
            },
            public_url: self.public_url.clone(),
            ready: Arc::new(move || ready.load(Ordering::Relaxed)),
            trusted_proxies: self.trusted_proxies.clone(),
            certificate_header: self.mtls.as_ref().and_then(MtlsSection::header).cloned(),
            hosts,
        }
    }

    /// Serves the front until stopped; requests that have begun are finished.
    pub(crate) async fn serve_front(
        &self,
        listener: TcpListener,
        tls: Option<(TlsFiles, watch::Receiver<()>)>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let router = chancery_http::router(self.front(stop.clone()));
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let handle = Handle::new();
        tokio::spawn(stop_gracefully(handle.clone(), stop.clone()));
        match tls {
            None => {
                // HTTP/2 comes with TLS only: browsers speak it no other way, and proxies need not.
                let server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new()).handle(handle);
                let mut server = server.http1_only();
                bound_connections(server.http_builder());
                server.serve(service).await?;
            }
            Some((files, asked)) => {
                let (certificates, settings) = Certificates::read(&files, &[b"h2", b"http/1.1"])?;
                let config = RustlsConfig::from_config(settings);
                let door = config.clone();
                tokio::spawn(certificates.follow(move |settings| door.reload_from_config(settings), asked, stop));
                let mut server = axum_server::from_tcp_rustls(listener, config)?.handle(handle);
                bound_connections(server.http_builder());
                server.serve(service).await?;
            }
        }
        Ok(())
    }

    /// Serves the front for clients with certificates until stopped. A listener of its own, so that browsers are never asked
    /// for one.
    pub(crate) async fn serve_certificates(
        &self,
        listener: TcpListener,
        files: &TlsFiles,
        asked: watch::Receiver<()>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let usual = self.front(stop.clone());
        let place = self.mtls.as_ref().and_then(|mtls| mtls.public_url.clone());
        let state = chancery_http::State {
            public_url: place.unwrap_or_else(|| usual.public_url.clone()),
            certificate_header: None,
            ..usual
        };
        let router = chancery_http::router_for_certificates(state);
        let handle = Handle::new();
        tokio::spawn(stop_gracefully(handle.clone(), stop.clone()));
        let (certificates, settings) = Certificates::read(files, &[b"h2", b"http/1.1"])?;
        let config = RustlsConfig::from_config(settings);
        let door = config.clone();
        tokio::spawn(certificates.follow(move |settings| door.reload_from_config(settings), asked, stop));
        let mut server = axum_server::from_tcp(listener)?.acceptor(WithCertificates::by(config)).handle(handle);
        bound_connections(server.http_builder());
        server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await?;
        Ok(())
    }
}

/// Bounds what a single connection can hold: the time for a head and its size, and streams that nobody answers for.
fn bound_connections<E>(builder: &mut Builder<E>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN).max_buf_size(HEAD as usize);
    let mut http2 = builder.http2();
    http2.timer(TokioTimer::new()).max_concurrent_streams(STREAMS).max_header_list_size(HEAD);
    http2.keep_alive_interval(HEAD_WITHIN).keep_alive_timeout(HEAD_WITHIN);
}

async fn stop_gracefully(handle: Handle<SocketAddr>, stop: CancellationToken) {
    stop.cancelled().await;
    handle.graceful_shutdown(Some(Config::STOP_WITHIN));
}

async fn watch_database(storage: chancery_storage::Storage, ready: Arc<AtomicBool>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(READY_EVERY) => {}
        }
        let answers = tokio::time::timeout(Duration::from_secs(2), storage.ping()).await;
        ready.store(matches!(answers, Ok(Ok(()))), Ordering::Relaxed);
    }
    ready.store(false, Ordering::Relaxed);
}

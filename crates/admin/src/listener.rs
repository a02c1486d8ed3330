//! The listener: connections as they come, over TLS where it is set, with what is known of the peer.
//!
//! A handshake that dawdles keeps nobody waiting, and the settings can be replaced at any time: connections that stand
//! keep theirs.

mod line;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

pub(crate) use line::{Line, Peer};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How many handshakes may be going on; more wait in the queue of the system.
const HANDSHAKES: usize = 256;
/// How long to rest when no connection can be taken, for lack of file descriptors for instance.
const REST: Duration = Duration::from_millis(50);

/// How TLS is spoken, replaceable while serving: every new handshake takes what is set then.
#[derive(Debug)]
pub struct Tls(ArcSwap<ServerConfig>);

impl Tls {
    /// Begins with these settings, which must offer the protocol `h2`.
    #[must_use]
    pub fn new(settings: Arc<ServerConfig>) -> Self {
        Self(ArcSwap::new(settings))
    }

    /// New handshakes take these from now on.
    pub fn replace(&self, settings: Arc<ServerConfig>) {
        self.0.store(settings);
    }
}

/// Takes connections until `stop`, each ready to be spoken on.
pub(crate) fn incoming(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
) -> ReceiverStream<io::Result<Line>> {
    let (ready, lines) = mpsc::channel(1);
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = ready.closed() => {}
            () = take(&listener, tls.as_ref(), &ready) => {}
        }
    });
    ReceiverStream::new(lines)
}

async fn take(listener: &TcpListener, tls: Option<&Arc<Tls>>, ready: &mpsc::Sender<io::Result<Line>>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, address)) => {
                tokio::spawn(greet(stream, address, tls.cloned(), place, ready.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be taken");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

async fn greet(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    place: OwnedSemaphorePermit,
    ready: mpsc::Sender<io::Result<Line>>,
) {
    // Without it small answers wait for nothing; a socket that does not know of it works as well.
    let _ = stream.set_nodelay(true);
    let line = match tls {
        None => Line::plain(stream, address),
        Some(tls) => {
            let handshake = TlsAcceptor::from(tls.0.load_full()).accept(stream);
            match tokio::time::timeout(HANDSHAKE, handshake).await {
                Ok(Ok(stream)) => Line::secure(stream, address),
                Ok(Err(error)) => return tracing::debug!(%error, peer = %address, "a handshake failed"),
                Err(_) => return tracing::debug!(peer = %address, "a handshake took too long"),
            }
        }
    };
    drop(place);
    // Nobody takes it when the server has stopped.
    let _ = ready.send(Ok(line)).await;
}

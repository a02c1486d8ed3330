//! A server with a certificate, that answers whatever a test wants, and a resolver that says whatever a test wants.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use chancery_domain::{
    id::TenantId,
    outbound::{GuardedUri, Reach},
    time::Timestamp,
};
use chancery_outbound::{Lookup, Outbound, Settings};
use chancery_testkit::SeededRandom;
use rcgen::{CertifiedKey, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// The names that the server's certificate is for.
pub(crate) const NAMES: [&str; 3] = ["keys.example", "public.example", "127.0.0.1"];

/// Whose calls they are.
pub(crate) fn tenant() -> TenantId {
    TenantId::generate(&SeededRandom::new(1), Timestamp::from_seconds(1_700_000_000))
}

/// What a server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// Sends these bytes.
    Answer(Vec<u8>),
    /// Sends the first, and then one byte of blank space every 50 ms for ever.
    Drip(Vec<u8>),
    /// Sends the first, and then the second again and again.
    Flood(Vec<u8>, Vec<u8>),
    /// Never says anything.
    Hang,
}

impl Script {
    /// A document of that type.
    pub(crate) fn document(media_type: &str, body: &str) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n", body.len());
        Self::Answer([head.as_bytes(), body.as_bytes()].concat())
    }

    pub(crate) fn json(body: &str) -> Self {
        Self::document("application/json", body)
    }

    /// An answer of that status and headers, without a body.
    pub(crate) fn status(status: &str, headers: &str) -> Self {
        Self::Answer(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n").into_bytes())
    }
}

/// A server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    certified: CertifiedKey<KeyPair>,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<u32>>,
}

impl Server {
    pub(crate) async fn start(script: Script) -> Self {
        Self::start_with(Some(()), script).await
    }

    pub(crate) async fn start_plain(script: Script) -> Self {
        Self::start_with(None, script).await
    }

    async fn start_with(tls: Option<()>, script: Script) -> Self {
        let certified = rcgen::generate_simple_self_signed(NAMES.map(str::to_owned)).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .expect("a sound pair");
        let acceptor = tls.map(|()| TlsAcceptor::from(Arc::new(config)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (seen, counted) = (Arc::clone(&requests), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *counted.lock().expect("sound") += 1;
                tokio::spawn(serve(stream, acceptor.clone(), script.clone(), Arc::clone(&seen)));
            }
        });
        Self { address, certified, requests, connections }
    }

    /// The heads of the requests so far, and what came with them.
    pub(crate) fn requests(&self) -> MutexGuard<'_, Vec<String>> {
        self.requests.lock().expect("sound")
    }

    pub(crate) fn connections(&self) -> u32 {
        *self.connections.lock().expect("sound")
    }

    /// A client that believes this server, with those hosts allowed and that resolver.
    pub(crate) fn client(&self, allowed: &[&str], lookup: &Arc<FakeLookup>) -> Outbound {
        let allowed = allowed.iter().map(|host| host.parse().expect("an allowed host"));
        let roots = vec![self.certified.cert.der().clone()];
        let settings = Settings { reach: Reach::public().and(allowed), roots };
        Outbound::with_lookup(settings, Arc::clone(lookup) as _).expect("a client")
    }

    /// The URI of a path under that name, read as if everything there were allowed.
    pub(crate) fn uri(&self, name: &str, path: &str) -> GuardedUri {
        let reach = Reach::public().and([name.parse().expect("an allowed host")]);
        reach.check(&format!("https://{name}:{}{path}", self.address.port())).expect("a URI")
    }
}

async fn serve(stream: TcpStream, acceptor: Option<TlsAcceptor>, script: Script, seen: Arc<Mutex<Vec<String>>>) {
    // Whoever goes away in the middle is what many tests are about.
    let _gone = match acceptor {
        None => converse(stream, script, seen).await,
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => converse(stream, script, seen).await,
            Err(error) => Err(error),
        },
    };
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    script: Script,
    seen: Arc<Mutex<Vec<String>>>,
) -> io::Result<()> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    seen.lock().expect("sound").push(String::from_utf8_lossy(&request).into_owned());
    match script {
        Script::Answer(answer) => stream.write_all(&answer).await?,
        Script::Drip(head) => {
            stream.write_all(&head).await?;
            loop {
                stream.write_all(b" ").await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Script::Flood(head, more) => {
            stream.write_all(&head).await?;
            loop {
                stream.write_all(&more).await?;
            }
        }
        Script::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
    }
    stream.flush().await?;
    stream.shutdown().await
}

/// Whether a request is there with its body.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// A resolver that gives each name its answers in turn, and the last one again and again.
#[derive(Default)]
pub(crate) struct FakeLookup {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl FakeLookup {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A resolver that knows this machine by that name.
    pub(crate) fn loopback(name: &str) -> Arc<Self> {
        let lookup = Self::new();
        lookup.says(name, &["127.0.0.1"]);
        lookup
    }

    /// After the answers so far, that one.
    pub(crate) fn says(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        self.answers.lock().expect("sound").entry(name.to_owned()).or_default().push_back(addresses);
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("sound").clone()
    }
}

#[async_trait]
impl Lookup for FakeLookup {
    async fn addresses(&self, _: TenantId, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().expect("sound").push(name.to_owned());
        let mut answers = self.answers.lock().expect("sound");
        let known = answers.get_mut(name.trim_end_matches('.')).ok_or(io::ErrorKind::NotFound)?;
        let answer = if known.len() > 1 { known.pop_front() } else { known.front().cloned() };
        Ok(answer.unwrap_or_default())
    }
}

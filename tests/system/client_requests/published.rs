//! What clients publish at addresses of their own: their keys, and requests that they signed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Result, ensure};
use chancery_tests::{
    browser::{Browser, Landing},
    party::random_text,
};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::signing::Signer;
use crate::{
    client_keys::{ClientKey, now},
    databases::{Database, Site},
};

/// A web server over TLS with documents that a test puts there, and a list of what was asked for.
#[derive(Clone)]
pub(crate) struct Web {
    host: String,
    port: u16,
    connections: Arc<AtomicUsize>,
    certificate: String,
    documents: Arc<Mutex<HashMap<String, String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// Begins to serve.
    pub(crate) async fn open() -> Result<Self> {
        Self::open_as("localhost").await
    }

    /// The same under another name.
    pub(crate) async fn open_as(host: &str) -> Result<Self> {
        let certified = rcgen::generate_simple_self_signed(vec![host.to_owned()])?;
        let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions()?.with_no_client_auth();
        let config = config.with_single_cert(vec![certified.cert.der().clone()], key)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let web = Self {
            host: host.to_owned(),
            connections: Arc::default(),
            port: listener.local_addr()?.port(),
            certificate: certified.cert.pem(),
            documents: Arc::default(),
            asked: Arc::default(),
        };
        let (acceptor, serving) = (TlsAcceptor::from(Arc::new(config)), web.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.connections.fetch_add(1, Ordering::Relaxed);
                let (acceptor, serving) = (acceptor.clone(), serving.clone());
                tokio::spawn(async move { serving.answer(acceptor, stream).await });
            }
        });
        Ok(web)
    }

    async fn answer(&self, acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = acceptor.accept(stream).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let found = self.documents.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        if let Some(whole) = found.as_ref().filter(|found| found.starts_with("HTTP/1.1 ")) {
            return slowly(&mut stream, whole.as_bytes()).await;
        }
        let (status, body) = found.map_or(("404 Not Found", String::new()), |body| ("200 OK", body));
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    }

    /// The certificate that it shows, in PEM.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The address of a document.
    pub(crate) fn uri(&self, path: &str) -> String {
        format!("https://{}:{}{path}", self.host, self.port)
    }

    /// Where it listens, at 127.0.0.1.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// How many connections there were, whatever came by them.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Puts a document there; one that begins like an answer is sent as the whole answer, as slowly as it says.
    pub(crate) fn publish(&self, path: &str, document: &str) {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), document.to_owned());
    }

    /// How often a document was asked for.
    pub(crate) fn asked(&self, path: &str) -> usize {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|one| *one == path).count()
    }

    /// A site that may call this server.
    pub(crate) async fn site(&self, database: Database) -> Result<(Site, tempfile::TempDir)> {
        self.site_with(database, &[]).await
    }

    /// The same with these environment variables besides.
    pub(crate) async fn site_with(
        &self,
        database: Database,
        more: &[(&str, &str)],
    ) -> Result<(Site, tempfile::TempDir)> {
        let folder = tempfile::tempdir()?;
        let roots = folder.path().join("roots.pem");
        std::fs::write(&roots, &self.certificate)?;
        let host = format!("localhost:{},http://127.0.0.1", self.port);
        let roots = roots.display().to_string();
        let environment = [("CHANCERY_OUTBOUND__ALLOWED_HOSTS", &*host), ("CHANCERY_OUTBOUND__EXTRA_ROOTS", &*roots)];
        Ok((database.site_with(&[&environment, more].concat()).await?, folder))
    }
}

/// Sends an answer as its text says. Where a line of it is `drip`, the rest comes byte by byte.
async fn slowly(stream: &mut (impl AsyncWrite + Unpin), whole: &[u8]) -> std::io::Result<()> {
    let text = String::from_utf8_lossy(whole);
    let (at_once, dripping) = text.split_once("drip").unwrap_or((&text, ""));
    stream.write_all(at_once.as_bytes()).await?;
    for byte in dripping.as_bytes() {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    stream.shutdown().await
}

#[tokio::test]
async fn p043_p048_keys_and_requests_at_addresses_on_sqlite() -> Result<()> {
    published(Database::Sqlite).await
}

#[tokio::test]
async fn p043_p048_keys_and_requests_at_addresses_on_postgres() -> Result<()> {
    published(Database::Postgres).await
}

async fn published(database: Database) -> Result<()> {
    let web = Web::open().await?;
    let (site, _roots) = web.site(database).await?;
    p043_keys(&web, &site).await?;
    p048_requests(&web, &site).await
}

/// The keys are fetched once, and again for a name that is not among them, once a minute at most.
async fn p043_keys(web: &Web, site: &Site) -> Result<()> {
    let at = json!({ "jwks": Value::Null, "jwksUri": web.uri("/jwks") });
    let mut signer = Signer::register(site, &site.first, "published", at).await?;
    web.publish("/jwks", &signer.key.jwks()?);
    for _ in 0..3 {
        ensure!(signer.outcome(&signer.assertion(&json!({}))?).await?.0 == 200);
    }
    ensure!(web.asked("/jwks") == 1, "{} calls", web.asked("/jwks"));

    let before = std::mem::replace(&mut signer.key, ClientKey::generate("ES256")?);
    let forged = signer.key.sign_with(&json!({ "alg": "ES256", "kid": before.kid }), &signer.claims(&json!({})))?;
    ensure!(signer.outcome(&forged).await?.0 == 401);
    ensure!(web.asked("/jwks") == 1, "a signature that does not fit fetches nothing");
    for _ in 0..3 {
        ensure!(signer.outcome(&signer.assertion(&json!({}))?).await?.0 == 401, "not published yet");
    }
    // Names of keys that nobody has: all of them together fetch once more at most (T110). A good proof in between, or it
    // would be guessing.
    for round in 0..4 {
        for _ in 0..12 {
            let unknown = json!({ "alg": "ES256", "kid": random_text() });
            let forged = signer.key.sign_with(&unknown, &signer.claims(&json!({})))?;
            ensure!(signer.outcome(&forged).await?.0 == 401, "{round}");
        }
        let good = before.sign("JWT", &signer.claims(&json!({})))?;
        ensure!(signer.outcome(&good).await?.0 == 200, "{round}");
    }
    ensure!(web.asked("/jwks") <= 2, "{} calls", web.asked("/jwks"));
    Ok(())
}

async fn p048_requests(web: &Web, site: &Site) -> Result<()> {
    let registered = web.uri("/request.jwt#one");
    let signer =
        Signer::register(site, &site.second, "referrer", json!({ "requestUris": [registered.clone()] })).await?;
    let attempt = signer.party.begin("openid email", &[])?;
    let mut claims = json!({ "iss": signer.id(), "aud": signer.tenant.issuer, "exp": now() + 60 });
    for (name, value) in attempt.url.query_pairs() {
        claims[name.as_ref()] = value.as_ref().into();
    }
    web.publish("/request.jwt", &signer.key.sign("oauth-authz-req+jwt", &claims)?);
    let url = |uri: &str| -> Result<Url> {
        let mut url = Url::parse(signer.party.endpoint("authorization_endpoint")?)?;
        let usual = [("client_id", signer.id()), ("response_type", "code"), ("scope", "openid")];
        let back = [("redirect_uri", signer.party.redirect_uri()?), ("request_uri", uri)];
        url.query_pairs_mut().extend_pairs(usual).extend_pairs(back);
        Ok(url)
    };
    let mut browser = Browser::new()?;
    let answer =
        browser.authorize(url(&registered)?.as_str(), signer.tenant.user()?, signer.party.redirect_uri()?).await?;
    signer.party.code_in(&answer, &attempt)?;
    ensure!(web.asked("/request.jwt") == 1, "without its fragment");
    for other in [web.uri("/request.jwt"), web.uri("/request.jwt#two"), web.uri("/other.jwt")] {
        let landing = Browser::new()?.open(url(&other)?.as_str()).await?;
        let Landing::Away(away) = landing else { anyhow::bail!("{landing:?}") };
        ensure!(away.as_str().contains("error=request_uri_not_supported"), "{away}");
    }
    ensure!(web.asked("/request.jwt") + web.asked("/other.jwt") == 1, "nothing else is called");
    Ok(())
}

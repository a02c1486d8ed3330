//! The floor: axum, the same parsing, the same cryptography and the same answer, and nothing else. No tenants, no cache
//! headers to decide on, no log, no limits.

use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use aws_lc_rs::{
    rand::{SystemRandom, fill},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;

/// How long its tokens live, in seconds.
const LIFE: u64 = 600;

/// What it is told on its standard input.
#[derive(Deserialize)]
struct Task {
    discovery: String,
    keys: String,
    issuer: String,
    client_id: String,
    client_secret: String,
}

struct Floor {
    discovery: Bytes,
    keys: Bytes,
    issuer: String,
    client_id: String,
    secret_digest: [u8; 32],
    signer: EcdsaKeyPair,
    random: SystemRandom,
    header: String,
}

#[derive(Deserialize)]
struct Form<'a> {
    #[serde(borrow)]
    grant_type: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    jti: String,
    iat: u64,
    exp: u64,
}

#[derive(Serialize)]
struct Answer<'a> {
    access_token: &'a str,
    token_type: &'a str,
    expires_in: u64,
}

/// Reads its task, prints its address, and serves until it is killed.
pub(crate) async fn serve() -> Result<()> {
    let task: Task = serde_json::from_str(&std::io::stdin().lines().next().context("no task")??)?;
    let path = url::Url::parse(&task.issuer)?.path().to_owned();
    let floor = Floor {
        discovery: task.discovery.into(),
        keys: task.keys.into(),
        issuer: task.issuer,
        client_id: task.client_id,
        secret_digest: Sha256::digest(&task.client_secret).into(),
        signer: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?,
        random: SystemRandom::new(),
        header: URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"AAAAAAAAAAAAAAAAAAAAAA","typ":"at+jwt"}"#),
    };
    let router = Router::new()
        .route(&format!("{path}/.well-known/openid-configuration"), get(discovery))
        .route(&format!("{path}/oauth2/jwks"), get(keys))
        .route(&format!("{path}/oauth2/token"), axum::routing::post(token))
        .with_state(Arc::new(floor));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn discovery(State(floor): State<Arc<Floor>>) -> Response {
    document(floor.discovery.clone())
}

async fn keys(State(floor): State<Arc<Floor>>) -> Response {
    document(floor.keys.clone())
}

fn document(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], bytes)
        .into_response()
}

async fn token(State(floor): State<Arc<Floor>>, headers: HeaderMap, body: Bytes) -> Response {
    match floor.answer(&headers, &body) {
        Some(answer) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (headers, answer).into_response()
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

impl Floor {
    fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
        let form: Form<'_> = serde_html_form::from_bytes(body).ok()?;
        let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
        let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        let known: bool = Sha256::digest(secret).as_slice().ct_eq(&self.secret_digest).into();
        if !known || id != self.client_id || form.grant_type != "client_credentials" {
            return None;
        }
        let token = self.sign()?;
        serde_json::to_vec(&Answer { access_token: &token, token_type: "Bearer", expires_in: LIFE }).ok()
    }

    fn sign(&self) -> Option<String> {
        let mut id = [0; 16];
        fill(&mut id).ok()?;
        let now = seconds();
        let claims = Claims {
            iss: &self.issuer,
            sub: &self.client_id,
            aud: &self.issuer,
            client_id: &self.client_id,
            jti: URL_SAFE_NO_PAD.encode(id),
            iat: now,
            exp: now + LIFE,
        };
        let mut token = self.header.clone();
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&claims).ok()?, &mut token);
        let signature = self.signer.sign(&self.random, token.as_bytes()).ok()?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Some(token)
    }
}

#[expect(clippy::disallowed_methods, reason = "the floor is a program of its own, with no clock but this")]
fn seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

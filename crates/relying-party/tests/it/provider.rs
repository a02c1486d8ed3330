//! A provider within the test: it signs in whoever comes, and misbehaves when told.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const SECRET: &str = "s3cret with/odd:signs";

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) url: String,
    key: Arc<EcdsaKeyPair>,
    state: Arc<Mutex<Conduct>>,
}

#[derive(Default)]
pub(crate) struct Conduct {
    /// The authorization requests whose codes have not been redeemed.
    codes: HashMap<String, HashMap<String, String>>,
    /// Claims of the ID token that are otherwise than they should be; null leaves one out.
    pub(crate) id_token: Value,
    /// Claims of UserInfo that are otherwise than they should be.
    pub(crate) user_info: Value,
    /// Whether the provider is away but for its metadata and keys.
    pub(crate) away: bool,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/t/acme", listener.local_addr().expect("an address"));
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let provider = Self { url, key: Arc::new(key), state: Arc::default() };
        let app = Router::new()
            .route("/t/acme/.well-known/openid-configuration", get(metadata))
            .route("/t/acme/jwks", get(jwks))
            .route("/t/acme/token", post(token))
            .route("/t/acme/userinfo", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        provider
    }

    pub(crate) fn conduct(&self) -> MutexGuard<'_, Conduct> {
        self.state.lock().expect("no panic while it was held")
    }

    /// What the authorization endpoint would do: remembers the request and gives its code.
    pub(crate) fn authorize(&self, request: HashMap<String, String>) -> String {
        let mut conduct = self.conduct();
        let code = format!("code{}", conduct.codes.len());
        conduct.codes.insert(code.clone(), request);
        code
    }

    fn sign(&self, claims: &Value) -> String {
        self.sign_as("JWT", claims)
    }

    pub(crate) fn sign_as(&self, typ: &str, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "ES256", "kid": "k", "typ": typ });
        let message = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.key.sign(&SystemRandom::new(), message.as_bytes()).expect("signs");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    let url = &provider.url;
    Json(json!({
        "issuer": url, "jwks_uri": format!("{url}/jwks"),
        "authorization_endpoint": format!("{url}/authorize?own=1"), "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"), "end_session_endpoint": format!("{url}/logout"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(provider): State<Provider>) -> Json<Value> {
    let (x, y) = provider.key.public_key().as_ref()[1..].split_at(32);
    let encode = |bytes| URL_SAFE_NO_PAD.encode::<&[u8]>(bytes);
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k", "x": encode(x), "y": encode(y) }] }))
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, form: String) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    if provider.conduct().away {
        return (StatusCode::BAD_GATEWAY, "<html>").into_response();
    }
    let refuse = |code: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response();
    let basic = STANDARD.encode("my-app:s3cret+with%2Fodd%3Asigns");
    if headers.get(header::AUTHORIZATION).is_none_or(|value| *value != format!("Basic {basic}")) {
        return refuse("invalid_client");
    }
    let Some(request) = provider.conduct().codes.remove(&form["code"]) else { return refuse("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
    let fits = form["grant_type"] == "authorization_code"
        && form["redirect_uri"] == request["redirect_uri"]
        && challenge == request["code_challenge"];
    if !fits {
        return refuse("invalid_grant");
    }
    let half = &Sha256::digest("access")[..16];
    let now = now();
    let mut claims = json!({
        "iss": provider.url, "sub": "ada", "aud": "my-app", "nonce": request["nonce"], "iat": now, "exp": now + 600,
        "at_hash": URL_SAFE_NO_PAD.encode(half), "auth_time": now, "sid": "s1",
    });
    change(&mut claims, &provider.conduct().id_token);
    let id_token = provider.sign(&claims);
    Json(json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 600, "id_token": id_token }))
        .into_response()
}

async fn user_info(State(provider): State<Provider>, headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer access") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut claims = json!({ "sub": "ada", "name": "Ada Lovelace", "iss": "told by nobody who signs" });
    change(&mut claims, &provider.conduct().user_info);
    Json(claims).into_response()
}

fn change(claims: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
}

pub(crate) fn now() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the provider of the test goes by the machine's clock")]
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

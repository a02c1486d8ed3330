//! An issuer within the test: it publishes keys, signs whatever it is asked to, and breaks when told.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, PqdsaKeyPair, RsaKeyPair},
};
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_resource_server::{Algorithm, Verifier, VerifierBuilder};
use serde_json::{Value, json};

/// A moment at which nothing else depends: the test's clocks stand still here.
pub(crate) const NOW: u64 = 1_772_366_400;

#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    state: Arc<Mutex<Published>>,
}

#[derive(Default)]
pub(crate) struct Published {
    pub(crate) jwks: Vec<Value>,
    pub(crate) max_age: u64,
    /// Answers that instead of the keys.
    pub(crate) broken: Option<String>,
    /// Calls itself that.
    pub(crate) alias: Option<String>,
    /// How often the keys were fetched.
    pub(crate) fetches: usize,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/t/acme", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(Published { max_age: 300, ..Published::default() }));
        let issuer = Self { url, state };
        let app = Router::new()
            .route("/t/acme/.well-known/openid-configuration", get(metadata))
            .route("/t/acme/jwks", get(jwks))
            .with_state(issuer.clone());
        tokio::spawn(async { axum::serve(listener, app).await });
        issuer
    }

    pub(crate) fn published(&self) -> MutexGuard<'_, Published> {
        self.state.lock().expect("no panic while it was held")
    }

    pub(crate) fn publish(&self, key: &SigningKey) {
        self.published().jwks.push(key.jwk());
    }

    /// Ordinary claims, with `changes` made to them; a null takes a claim away.
    pub(crate) fn claims(&self, changes: Value) -> Value {
        let mut claims = json!({
            "iss": self.url, "sub": "ada", "aud": "https://api.example", "client_id": "web", "jti": "1",
            "iat": NOW, "exp": NOW + 600, "scope": "orders:read openid",
        });
        let Value::Object(changes) = changes else { panic!("changes are an object") };
        for (name, value) in changes {
            claims[name] = value;
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        claims
    }

    pub(crate) fn verifier(&self) -> VerifierBuilder {
        let now = || UNIX_EPOCH + std::time::Duration::from_secs(NOW);
        Verifier::builder().issuer(&self.url).audience("https://api.example").clock(now)
    }
}

async fn metadata(State(issuer): State<Issuer>) -> impl IntoResponse {
    let name = issuer.published().alias.clone().unwrap_or_else(|| issuer.url.clone());
    axum::Json(json!({ "issuer": name, "jwks_uri": format!("{}/jwks", issuer.url) }))
}

async fn jwks(State(issuer): State<Issuer>) -> impl IntoResponse {
    let mut published = issuer.published();
    published.fetches += 1;
    let keys = json!({ "keys": published.jwks }).to_string();
    let body = published.broken.clone().unwrap_or(keys);
    ([(header::CACHE_CONTROL, format!("public, max-age={}", published.max_age))], body)
}

/// Time of the machine, for what is not under the test's clock.
pub(crate) fn system_now() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test of the standard clock")]
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
    MlDsa(PqdsaKeyPair),
}

impl SigningKey {
    pub(crate) fn new(kid: &str, algorithm: Algorithm) -> Self {
        let ec = |scheme| Pair::Ec(EcdsaKeyPair::generate(scheme).expect("a key"));
        let ml_dsa = |scheme| Pair::MlDsa(PqdsaKeyPair::generate(scheme).expect("a key"));
        let pair = match algorithm {
            Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDsa => Pair::Ed(Ed25519KeyPair::generate().expect("a key")),
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")),
            Algorithm::MlDsa44 => ml_dsa(&signature::ML_DSA_44_SIGNING),
            Algorithm::MlDsa65 => ml_dsa(&signature::ML_DSA_65_SIGNING),
            Algorithm::MlDsa87 => ml_dsa(&signature::ML_DSA_87_SIGNING),
        };
        Self { kid: kid.to_owned(), algorithm, pair }
    }

    pub(crate) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = match x.len() {
                    32 => "P-256",
                    48 => "P-384",
                    _ => "P-521",
                };
                json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
            }
            Pair::Ed(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) }),
            Pair::MlDsa(pair) => json!({ "kty": "AKP", "pub": encode(pair.public_key().as_ref()) }),
            Pair::Rsa(pair) => {
                // RSAPublicKey (RFC 8017 appendix A.1.1) of 2048 bits: the modulus begins after nine bytes.
                let (n, e) = (&pair.public_key().as_ref()[9..265], &[1, 0, 1]);
                json!({ "kty": "RSA", "n": encode(n), "e": encode(e) })
            }
        };
        jwk["kid"] = self.kid.clone().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = self.algorithm.name().into();
        jwk
    }

    /// An access token.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&json!({ "alg": self.algorithm.name(), "kid": self.kid, "typ": "at+jwt" }), claims)
    }

    /// A token with that header, whatever it says.
    pub(crate) fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = self.signature(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, message).expect("signs").as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::MlDsa(pair) => {
                let mut signed = vec![0; pair.algorithm().signature_len()];
                pair.sign(message, &mut signed).expect("signs");
                signed
            }
            Pair::Rsa(pair) => {
                let padding: &dyn signature::RsaEncoding = match self.algorithm {
                    Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
                    Algorithm::Rs256
                    | Algorithm::Es256
                    | Algorithm::Es384
                    | Algorithm::Es512
                    | Algorithm::EdDsa
                    | Algorithm::MlDsa44
                    | Algorithm::MlDsa65
                    | Algorithm::MlDsa87 => &signature::RSA_PKCS1_SHA256,
                };
                let mut signed = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signed).expect("signs");
                signed
            }
        }
    }
}

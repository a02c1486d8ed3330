//! Public audit keys as JSON Web Keys (RFC 7517, RFC 8037 section 2).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::id::KeyId;
use serde::Deserialize;

use crate::json::Object;

/// Public keys by their ids, against which checkpoints are verified.
#[derive(Clone, Debug, Default)]
pub struct KeySet(BTreeMap<String, [u8; 32]>);

/// One public key as JWK.
#[must_use]
pub fn jwk(id: &KeyId, public: &[u8; 32]) -> String {
    let mut json = Object::new();
    json.text("kty", "OKP").text("crv", "Ed25519").text("x", &URL_SAFE_NO_PAD.encode(public));
    json.text("use", "sig").text("alg", "Ed25519").text("kid", id.as_str()).end()
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    kid: String,
}

impl KeySet {
    /// Reads a JWK Set. `None` when it is none, or holds a key that cannot sign checkpoints, or an id twice.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let Jwks { keys } = serde_json::from_str(json).ok()?;
        let count = keys.len();
        let read = |key: Jwk| {
            let public = URL_SAFE_NO_PAD.decode(&key.x).ok()?.try_into().ok()?;
            (key.kty == "OKP" && key.crv == "Ed25519").then_some((key.kid, public))
        };
        let keys: BTreeMap<_, _> = keys.into_iter().map(read).collect::<Option<_>>()?;
        (keys.len() == count).then_some(Self(keys))
    }

    pub(crate) fn find(&self, id: &KeyId) -> Option<&[u8; 32]> {
        self.0.get(id.as_str())
    }
}

//! What clients sign, and what is encrypted for them. The clients' side is played by aws-lc directly.

use std::sync::Arc;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use chancery_domain::{
    ports::client_jose::{ClientKeySet, ReadClientKeys},
    secret::base64url,
};
use chancery_keys::client_keys::ClientKeyReader;
use serde_json::{Value, json};

use crate::import::{fixture, jwk};

mod encryption;
mod key_sets;
mod own_keys;
mod secrets;
mod signatures;

/// A key pair of a client: the name of its folder among the fixtures.
#[derive(Clone, Copy, Debug)]
struct Pair(&'static str);

const EC: Pair = Pair("p256");
const RSA: Pair = Pair("rsa");
const ED: Pair = Pair("ed25519");

impl Pair {
    /// Its public JWK with those members besides, and without what it says of itself.
    fn jwk(self, more: Value) -> Value {
        let mut public = jwk(&format!("{}/public.jwk", self.0));
        let members = public.as_object_mut().expect("an object");
        for said in ["kid", "use", "alg", "key_ops"] {
            members.remove(said);
        }
        let Value::Object(more) = more else { panic!("an object") };
        members.extend(more);
        public
    }

    /// The compact JWS over that text, with that header.
    fn sign_text(self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(claims.as_bytes()));
        let signature = self.signature(&signed, header.contains("PS256"));
        format!("{signed}.{}", base64url(&signature))
    }

    fn sign(self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    fn signature(self, signed: &str, pss: bool) -> Vec<u8> {
        let pkcs8 = fixture(&format!("{}/pkcs8.der", self.0));
        let (message, random) = (signed.as_bytes(), SystemRandom::new());
        match self.0 {
            "p256" => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).expect("a pair");
                pair.sign(&random, message).expect("signed").as_ref().to_vec()
            }
            "ed25519" => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8).expect("a pair");
                pair.sign(message).as_ref().to_vec()
            }
            _ => {
                let pair = RsaKeyPair::from_pkcs8(&pkcs8).expect("a pair");
                let mut signature = vec![0; pair.public_modulus_len()];
                let padding = if pss { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                pair.sign(padding, &random, message, &mut signature).expect("signed");
                signature
            }
        }
    }
}

fn set_text(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

fn set(keys: &[Value]) -> Arc<dyn ClientKeySet> {
    ClientKeyReader.read(&set_text(keys)).expect("a set")
}

//! Encrypting to a key that a tenant publishes for that (RFC 7516), with any header that a test wants.

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand,
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_tests::party::Party;
use serde_json::{Value, json};

use crate::client_keys::changed;

/// A key of RSA that stands in a JWK Set.
#[derive(Clone)]
pub(super) struct Encrypting {
    jwk: Value,
}

/// The names of the keys in the set that are for encrypting.
pub(super) async fn kids(party: &Party) -> Result<Vec<String>> {
    let set = party.keys().await?.success()?;
    let keys = set["keys"].as_array().context("no keys")?.iter().filter(|key| key["use"] == "enc");
    Ok(keys.filter_map(|key| key["kid"].as_str()).map(str::to_owned).collect())
}

impl Encrypting {
    /// The one that the issuer publishes.
    pub(super) async fn to(party: &Party) -> Result<Self> {
        let set = party.keys().await?.success()?;
        let mut keys = set["keys"].as_array().context("no keys")?.iter();
        let jwk = keys.find(|key| key["use"] == "enc" && key["kty"] == "RSA").context("no key to encrypt to")?;
        Ok(Self { jwk: jwk.clone() })
    }

    pub(super) fn kid(&self) -> &str {
        self.jwk["kid"].as_str().unwrap_or_default()
    }

    /// A nested JWT.
    pub(super) fn seal(&self, token: &str) -> Result<String> {
        self.seal_with(&json!({ "cty": "JWT" }), token.as_bytes())
    }

    /// Any content, with members of the header changed; those that become null go.
    pub(super) fn seal_with(&self, change: &Value, content: &[u8]) -> Result<String> {
        let header = json!({ "alg": "RSA-OAEP-256", "enc": "A128GCM", "kid": self.kid() });
        let aad = URL_SAFE_NO_PAD.encode(changed(header, change).to_string());
        let fault = |_| anyhow!("nothing was encrypted");
        let (mut key, mut iv) = ([0; 16], [0; 12]);
        rand::fill(&mut key).map_err(fault)?;
        rand::fill(&mut iv).map_err(fault)?;

        let number = |member: &str| URL_SAFE_NO_PAD.decode(self.jwk[member].as_str().unwrap_or_default());
        let parts = PublicKeyComponents { n: number("n")?, e: number("e")? };
        let recipient: PublicEncryptingKey = parts.try_into().map_err(fault)?;
        let recipient = OaepPublicEncryptingKey::new(recipient).map_err(fault)?;
        let mut encrypted = vec![0; recipient.ciphertext_size()];
        recipient.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut encrypted, None).map_err(fault)?;

        let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).map_err(fault)?);
        let mut ciphertext = content.to_vec();
        let nonce = Nonce::assume_unique_for_key(iv);
        let bound = Aad::from(aad.as_bytes());
        let tag = cipher.seal_in_place_separate_tag(nonce, bound, &mut ciphertext).map_err(fault)?;
        let parts = [&encrypted[..], &iv, &ciphertext, tag.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
        Ok(format!("{aad}.{}", parts.join(".")))
    }
}

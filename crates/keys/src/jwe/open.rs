//! Opening a compact JWE that somebody encrypted to us (RFC 7516 section 5.2, RFC 8725 section 3).
//!
//! What is refused is refused before a key is touched: a text that is too long, another number of parts, a header with a
//! member twice, with `crit` or with `zip` (so nothing ever inflates), and every algorithm that we do not have. What came
//! of the key's own part is never told: where it does not open, the rest is done with a key of chance (RFC 7516 section
//! 11.5), which fails where a forged text fails, and after as long.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::{
    client::Encryption,
    ports::client_jose::LONGEST_TEXT,
    vocabulary::{ContentEncryption, KeyManagement},
};
use serde_json::{Map, Value};

use super::{content, own_key::OwnKey};
use crate::jws::json;

/// What a nested JWT may call itself (`cty`, RFC 7519 section 5.2), as media types are compared.
const NESTED: [&str; 4] = ["JWT", "application/jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"];

/// A JWE of the right form, taken apart.
pub(crate) struct Encrypted<'a> {
    header: Map<String, Value>,
    how: Encryption,
    /// The header as it is written, which is bound to the content.
    aad: &'a str,
    key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Encrypted<'a> {
    /// Takes it apart; none where it is not of the form, or encrypted in a way that we do not have.
    pub(crate) fn read(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST_TEXT {
            return None;
        }
        let mut parts = token.split('.');
        let aad = parts.next()?;
        let [key, iv, ciphertext, tag] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
        if parts.next().is_some() {
            return None;
        }
        let header = json::object(&decoded(aad)?)?;
        if header.contains_key("crit") || header.contains_key("zip") {
            return None;
        }
        if !header.get("kid").is_none_or(Value::is_string) {
            return None;
        }
        let nested = |cty: &Value| cty.as_str().is_some_and(|cty| NESTED.iter().any(|it| it.eq_ignore_ascii_case(cty)));
        if !header.get("cty").is_none_or(nested) {
            return None;
        }
        let alg: KeyManagement = header.get("alg")?.as_str()?.parse().ok()?;
        let enc: ContentEncryption = header.get("enc")?.as_str()?.parse().ok()?;
        let [key, iv, ciphertext, tag] = [decoded(key)?, decoded(iv)?, decoded(ciphertext)?, decoded(tag)?];
        Some(Self { header, how: Encryption { alg, enc }, aad, key, iv, ciphertext, tag })
    }

    /// How it is encrypted.
    pub(crate) const fn how(&self) -> Encryption {
        self.how
    }

    /// The name of the key, where the text names one.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.get("kid")?.as_str()
    }

    /// What lies in it, if it was encrypted to that key.
    pub(crate) fn open(&self, own: &OwnKey) -> Option<String> {
        let key = own.content_key(self.how, &self.header, &self.key)?;
        let plain = content::open(self.how.enc, &key, self.aad.as_bytes(), &self.iv, &self.ciphertext, &self.tag)?;
        String::from_utf8(plain).ok()
    }
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

//! Compact JWE (RFC 7516 section 7.1): encrypting for somebody whose public key we have, and opening what was encrypted
//! to us.
//!
//! The key of the content is made anew for each text ([`content`]) and brought to the recipient by RSAES OAEP or by an
//! agreement on an elliptic curve ([`recipient`]; [`own_key`] is the other end). Nothing is compressed, and nothing that
//! is gets read. What needs a secret of both sides (`dir`, key wrapping by a secret, PBES2) and `RSA1_5` are neither
//! written nor read ([`open`]).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::{
    client::Encryption,
    fault::Fault,
    ports::client_jose::Content,
    vocabulary::{ContentEncryption, KeyManagement},
};
use serde::Serialize;

mod agreement;
mod content;
mod open;
mod own_key;
mod recipient;
#[cfg(test)]
mod tests;

pub(crate) use open::Encrypted;
pub(crate) use own_key::OwnKey;
use recipient::{Delivered, EphemeralKey};
pub(crate) use recipient::{Recipient, agrees_on_x25519};

/// The JOSE header of what is encrypted.
#[derive(Serialize)]
struct Header<'a> {
    alg: KeyManagement,
    enc: ContentEncryption,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cty: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epk: Option<EphemeralKey>,
}

/// The compact JWE of the content, for that recipient alone.
pub(crate) fn encrypt(
    how: Encryption,
    recipient: &Recipient,
    kid: Option<&str>,
    content: Content<'_>,
) -> Result<String, Fault> {
    let Encryption { alg, enc } = how;
    let (plain, cty) = match content {
        Content::Jwt(token) => (token.as_bytes(), Some("JWT")),
        Content::Claims(claims) => (claims, None),
    };
    let Delivered { key, encrypted, epk } = recipient.deliver(how)?;
    let header = serde_json::to_vec(&Header { alg, enc, kid, cty, epk })
        .map_err(|error| Fault::broken("a JOSE header could not be written", error))?;
    let mut text = URL_SAFE_NO_PAD.encode(header);
    // RFC 7516 section 5.1, step 14: the header as it is written is bound to the content.
    let sealed = content::seal(enc, &key, text.as_bytes(), plain)?;
    for part in [encrypted.as_slice(), &sealed.iv, &sealed.ciphertext, &sealed.tag] {
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(part, &mut text);
    }
    Ok(text)
}

//! A key of ours that others encrypt to, at work: how it finds the key of a content (RFC 7518 section 4).

use aws_lc_rs::{
    agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey},
    key_wrap::{AES_128, AES_256, AesBlockCipher, AesKek, KeyWrap},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use chancery_domain::{
    client::Encryption,
    encryption_key::EncryptionKind,
    secret::from_base64url,
    vocabulary::{ContentEncryption, KeyManagement},
};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    agreement::derive,
    content::{self, ContentKey},
};

/// How long a coordinate on P-256 is, in bytes.
const COORDINATE: usize = 32;

/// A private key, ready to open.
pub(crate) enum OwnKey {
    Rsa(OaepPrivateDecryptingKey),
    P256(PrivateKey),
}

impl OwnKey {
    /// Reads a private key in PKCS#8 (RFC 5958); none where it is not of that kind.
    pub(crate) fn read(kind: EncryptionKind, pkcs8: &[u8]) -> Option<Self> {
        match kind {
            EncryptionKind::Rsa => {
                let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
                OaepPrivateDecryptingKey::new(key).ok().map(Self::Rsa)
            }
            EncryptionKind::P256 => PrivateKey::from_private_key_der(&ECDH_P256, pkcs8).ok().map(Self::P256),
        }
    }

    /// The key of the content, or one of chance where the part that holds it does not open. None where everybody can see
    /// that there is none: the algorithm is for another kind of key, or a length or a point cannot be right.
    pub(super) fn content_key(
        &self,
        how: Encryption,
        header: &Map<String, Value>,
        encrypted: &[u8],
    ) -> Option<ContentKey> {
        match (self, how.alg) {
            (Self::Rsa(own), KeyManagement::RsaOaep256) => unsealed(own, how.enc, encrypted),
            (Self::P256(own), KeyManagement::EcdhEs) => {
                let bytes = content::key_length(how.enc);
                encrypted.is_empty().then(|| agreed(own, header, how.enc.as_str(), bytes))?
            }
            (Self::P256(own), KeyManagement::EcdhEsA128Kw) => {
                unwrapped(&AES_128, &agreed(own, header, how.alg.as_str(), 16)?, how.enc, encrypted)
            }
            (Self::P256(own), KeyManagement::EcdhEsA256Kw) => {
                unwrapped(&AES_256, &agreed(own, header, how.alg.as_str(), 32)?, how.enc, encrypted)
            }
            (Self::Rsa(_), KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw)
            | (Self::P256(_), KeyManagement::RsaOaep256) => None,
        }
    }
}

/// By RSAES OAEP.
fn unsealed(own: &OaepPrivateDecryptingKey, enc: ContentEncryption, encrypted: &[u8]) -> Option<ContentKey> {
    if encrypted.len() != own.key_size_bytes() {
        return None;
    }
    // Made in any case, so that both ways take the same steps.
    let chance = content::new_key(enc).ok()?;
    let mut plain = Zeroizing::new(vec![0; own.min_output_size()]);
    let opened = own.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted, &mut plain, None);
    let opened = opened.ok().filter(|key| key.len() == chance.len());
    Some(opened.map_or(chance, |key| Zeroizing::new(key.to_vec())))
}

/// By AES key wrap (RFC 3394), which knows whether it opened.
fn unwrapped(
    cipher: &'static AesBlockCipher,
    wrapping: &[u8],
    enc: ContentEncryption,
    encrypted: &[u8],
) -> Option<ContentKey> {
    let chance = content::new_key(enc).ok()?;
    if encrypted.len() != chance.len() + 8 {
        return None;
    }
    let mut plain = Zeroizing::new(vec![0; chance.len()]);
    let opened = AesKek::new(cipher, wrapping).ok()?.unwrap(encrypted, &mut plain);
    let opened = opened.is_ok_and(|key| key.len() == chance.len());
    Some(if opened { plain } else { chance })
}

/// What we agree on with the key pair that was made for this text (RFC 7518 section 4.6). None where its point is not on
/// the curve, which aws-lc looks at (RFC 8725 section 3.4).
fn agreed(own: &PrivateKey, header: &Map<String, Value>, name: &str, bytes: usize) -> Option<ContentKey> {
    let epk = header.get("epk")?.as_object()?;
    let is = |member: &str, value: &str| epk.get(member).and_then(Value::as_str) == Some(value);
    if !is("kty", "EC") || !is("crv", "P-256") {
        return None;
    }
    let coordinate = |member: &str| {
        let read = epk.get(member).and_then(Value::as_str).and_then(from_base64url);
        read.filter(|read| read.len() == COORDINATE)
    };
    let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
    let party = |member: &str| match header.get(member) {
        None => Some(Vec::new()),
        Some(text) => text.as_str().and_then(from_base64url),
    };
    let parties = [party("apu")?, party("apv")?];
    let peer = UnparsedPublicKey::new(&ECDH_P256, point);
    let key = agreement::agree(own, peer, None, |agreed| {
        derive(agreed, name, [&parties[0], &parties[1]], bytes).map_err(|_| None::<()>)
    });
    key.ok()
}

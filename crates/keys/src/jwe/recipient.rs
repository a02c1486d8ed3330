//! How the key of a content reaches the recipient (RFC 7518 section 4).

use aws_lc_rs::{
    agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519},
    key_wrap::{AES_128, AES_256, AesBlockCipher, AesKek, KeyWrap},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents},
};
use chancery_domain::{
    client::Encryption,
    fault::Fault,
    secret::{base64url, from_base64url},
    vocabulary::KeyManagement,
};
use serde::Serialize;

use super::{
    agreement::derive,
    content::{self, ContentKey},
};
use crate::jwk::{Curve, Numbers};

/// A public key that can be encrypted to.
pub(crate) enum Recipient {
    Rsa(OaepPublicEncryptingKey),
    OnCurve(AgreementCurve, Vec<u8>),
}

/// The curves that keys are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum AgreementCurve {
    #[serde(rename = "P-256")]
    P256,
    #[serde(rename = "P-384")]
    P384,
    #[serde(rename = "P-521")]
    P521,
    X25519,
}

/// The public half of a key that was made for one text (RFC 7518 section 4.6.1.1).
#[derive(Serialize)]
pub(super) struct EphemeralKey {
    kty: &'static str,
    crv: AgreementCurve,
    x: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

/// A key of a content, and what the recipient gets to find it.
pub(super) struct Delivered {
    pub(super) key: ContentKey,
    /// Empty where the key was agreed on and needs no sending.
    pub(super) encrypted: Vec<u8>,
    pub(super) epk: Option<EphemeralKey>,
}

const FAILED: &str = "the key of a content could not be encrypted";

impl Recipient {
    /// The recipient with those numbers; none where they are of another kind than the algorithm takes.
    pub(crate) fn of(alg: KeyManagement, numbers: &Numbers) -> Option<Self> {
        match (alg, numbers) {
            (KeyManagement::RsaOaep256, Numbers::Rsa { n, e }) => {
                let parts = PublicKeyComponents { n: from_base64url(n)?, e: from_base64url(e)? };
                let key: PublicEncryptingKey = parts.try_into().ok()?;
                OaepPublicEncryptingKey::new(key).ok().map(Self::Rsa)
            }
            (
                KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw,
                Numbers::Ec { crv, x, y },
            ) => {
                let curve = match crv {
                    Curve::P256 => AgreementCurve::P256,
                    Curve::P384 => AgreementCurve::P384,
                    Curve::P521 => AgreementCurve::P521,
                    Curve::Ed25519 => return None,
                };
                // SEC 1 section 2.3.3, uncompressed.
                Some(Self::OnCurve(curve, [vec![4], from_base64url(x)?, from_base64url(y)?].concat()))
            }
            (
                KeyManagement::RsaOaep256
                | KeyManagement::EcdhEs
                | KeyManagement::EcdhEsA128Kw
                | KeyManagement::EcdhEsA256Kw,
                Numbers::Rsa { .. } | Numbers::Ec { .. } | Numbers::Okp { .. } | Numbers::Akp { .. },
            ) => None,
        }
    }

    /// The recipient with that point of X25519; none where the algorithm agrees on nothing.
    pub(crate) fn of_x25519(alg: KeyManagement, point: &[u8; 32]) -> Option<Self> {
        match alg {
            KeyManagement::RsaOaep256 => None,
            KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => {
                Some(Self::OnCurve(AgreementCurve::X25519, point.to_vec()))
            }
        }
    }

    /// A new key for a content, on its way to this recipient.
    pub(super) fn deliver(&self, how: Encryption) -> Result<Delivered, Fault> {
        match self {
            Self::Rsa(recipient) => {
                let key = content::new_key(how.enc)?;
                let mut encrypted = vec![0; recipient.ciphertext_size()];
                let written = recipient
                    .encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut encrypted, None)
                    .map_err(|_| Fault::bug(FAILED))?
                    .len();
                encrypted.truncate(written);
                Ok(Delivered { key, encrypted, epk: None })
            }
            Self::OnCurve(curve, point) => agreed(how, *curve, point),
        }
    }
}

/// Agrees on a key with the holder of that point, by a key pair that is forgotten right after.
fn agreed(how: Encryption, curve: AgreementCurve, point: &[u8]) -> Result<Delivered, Fault> {
    let failed = || Fault::bug(FAILED);
    let wrapping: Option<(&'static AesBlockCipher, usize)> = match how.alg {
        KeyManagement::EcdhEs => None,
        KeyManagement::EcdhEsA128Kw => Some((&AES_128, 16)),
        KeyManagement::EcdhEsA256Kw => Some((&AES_256, 32)),
        KeyManagement::RsaOaep256 => return Err(failed()),
    };
    let own = PrivateKey::generate(curve.algorithm()).map_err(|_| failed())?;
    let epk = curve.public_half(own.compute_public_key().map_err(|_| failed())?.as_ref()).ok_or_else(failed)?;
    let (name, bytes) = match wrapping {
        None => (how.enc.as_str(), content::key_length(how.enc)),
        Some((_, bytes)) => (how.alg.as_str(), bytes),
    };
    let peer = UnparsedPublicKey::new(curve.algorithm(), point);
    let key = agreement::agree(&own, peer, failed(), |agreed| derive(agreed, name, [b"", b""], bytes))?;
    let Some((cipher, _)) = wrapping else { return Ok(Delivered { key, encrypted: Vec::new(), epk: Some(epk) }) };
    let content_key = content::new_key(how.enc)?;
    let mut encrypted = vec![0; content_key.len() + 8];
    let wrap = AesKek::new(cipher, &key).map_err(|_| failed())?;
    wrap.wrap(&content_key, &mut encrypted).map_err(|_| failed())?;
    Ok(Delivered { key: content_key, encrypted, epk: Some(epk) })
}

/// Whether something can be agreed on with the holder of that point. With a point of small order it would be known to
/// everybody (RFC 7748 section 6.1).
pub(crate) fn agrees_on_x25519(point: &[u8; 32]) -> bool {
    let agrees = |own: PrivateKey| agreement::agree(&own, UnparsedPublicKey::new(&X25519, point), (), |_| Ok(()));
    PrivateKey::generate(&X25519).is_ok_and(|own| agrees(own).is_ok())
}

impl AgreementCurve {
    const fn algorithm(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &ECDH_P256,
            Self::P384 => &ECDH_P384,
            Self::P521 => &ECDH_P521,
            Self::X25519 => &X25519,
        }
    }

    /// The JWK of a point in the form of SEC 1 section 2.3.3, or of RFC 7748.
    fn public_half(self, point: &[u8]) -> Option<EphemeralKey> {
        match self {
            Self::P256 | Self::P384 | Self::P521 => {
                let (_, coordinates) = point.split_first().filter(|(form, _)| **form == 4)?;
                let (x, y) = coordinates.split_at_checked(coordinates.len() / 2)?;
                Some(EphemeralKey { kty: "EC", crv: self, x: base64url(x), y: Some(base64url(y)) })
            }
            Self::X25519 => Some(EphemeralKey { kty: "OKP", crv: self, x: base64url(point), y: None }),
        }
    }
}

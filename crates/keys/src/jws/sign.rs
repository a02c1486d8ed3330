//! Signing: one header made ready, one serialisation, one signature with a key that is kept hot.

use std::fmt;

use aws_lc_rs::{
    error::KeyRejected,
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, PqdsaKeyPair, RsaEncoding, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::{
    fault::Fault,
    id::KeyId,
    vocabulary::{Algorithm, TokenType},
};
use serde::Serialize;

/// A private key at work, with the headers of all that it signs.
pub(crate) struct Signer {
    key: HotKey,
    /// In the order of [`TokenType::ALL`], encoded, with the dot behind.
    headers: Vec<(TokenType, String)>,
}

enum HotKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

/// The JOSE header of everything that we sign.
#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    kid: &'a KeyId,
    typ: TokenType,
}

impl Signer {
    /// Makes a key ready. `pkcs8` is its private part (RFC 5958).
    pub(crate) fn new(kid: &KeyId, algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Fault> {
        let key = HotKey::load(algorithm, pkcs8)
            .map_err(|error| Fault::broken("a private key could not be loaded", error))?;
        let header = |typ: TokenType| {
            let json = serde_json::to_vec(&Header { alg: algorithm, kid, typ })
                .map_err(|error| Fault::broken("a JOSE header could not be written", error))?;
            Ok((typ, format!("{}.", URL_SAFE_NO_PAD.encode(json))))
        };
        let headers = TokenType::ALL.iter().copied().map(header).collect::<Result<_, Fault>>()?;
        Ok(Self { key, headers })
    }

    /// The compact JWS over `claims`.
    pub(crate) fn sign(&self, typ: TokenType, claims: &[u8]) -> Result<String, Fault> {
        let header = self.headers.iter().find(|(of, _)| *of == typ).map(|(_, header)| header);
        let header = header.ok_or_else(|| Fault::bug("a type of token has no header"))?;
        let mut token = String::with_capacity(header.len() + (claims.len() + self.key.signature_len()) * 4 / 3 + 8);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.key.sign(token.as_bytes()).map_err(|_| Fault::bug("a signature could not be made"))?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(..)")
    }
}

impl HotKey {
    fn load(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        let ec = |curve| EcdsaKeyPair::from_pkcs8(curve, pkcs8).map(Self::Ec);
        let rsa =
            |encoding: &'static dyn RsaEncoding| RsaKeyPair::from_pkcs8(pkcs8).map(|key| Self::Rsa(key, encoding));
        let ml_dsa = |algorithm| PqdsaKeyPair::from_pkcs8(algorithm, pkcs8).map(Self::MlDsa);
        match algorithm {
            Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::Ed),
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512),
            Algorithm::MlDsa44 => ml_dsa(&signature::ML_DSA_44_SIGNING),
            Algorithm::MlDsa65 => ml_dsa(&signature::ML_DSA_65_SIGNING),
            Algorithm::MlDsa87 => ml_dsa(&signature::ML_DSA_87_SIGNING),
        }
    }

    /// The most bytes that a signature can have.
    fn signature_len(&self) -> usize {
        match self {
            Self::Rsa(key, _) => key.public_modulus_len(),
            // Twice 66 on the largest curve, 64 on Ed25519.
            Self::Ec(_) | Self::Ed(_) => 132,
            Self::MlDsa(key) => key.algorithm().signature_len(),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        match self {
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::Ec(key) => Ok(key.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Self::Ed(key) => Ok(key.try_sign(message)?.as_ref().to_vec()),
            Self::MlDsa(key) => {
                let mut signature = vec![0; key.algorithm().signature_len()];
                key.sign(message, &mut signature)?;
                Ok(signature)
            }
        }
    }
}

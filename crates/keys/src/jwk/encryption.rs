//! What we publish of a key that others encrypt to.

use chancery_domain::{
    encryption_key::{EncryptionKey, EncryptionKind},
    fault::Fault,
    id::KeyId,
    vocabulary::KeyManagement,
};
use serde::{Deserialize, Serialize};

use super::Numbers;

/// The public part. It has an `alg` where there is one only: a key on P-256 serves the whole family of `ECDH-ES`, and a
/// library that encrypts with one of them would pass over a key that names another (RFC 7517 section 4.4).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EncryptionJwk {
    #[serde(flatten)]
    numbers: Numbers,
    #[serde(rename = "use")]
    usage: Usage,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<KeyManagement>,
    kid: KeyId,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Usage {
    #[serde(rename = "enc")]
    Encryption,
}

impl EncryptionJwk {
    pub(crate) fn new(id: KeyId, kind: EncryptionKind, numbers: Numbers) -> Self {
        let alg = match kind {
            EncryptionKind::Rsa => Some(KeyManagement::RsaOaep256),
            EncryptionKind::P256 => None,
        };
        Self { numbers, usage: Usage::Encryption, alg, kid: id }
    }

    /// Reads a public row. `None` when it is not the JWK of that row.
    pub(super) fn of(key: &EncryptionKey) -> Option<Self> {
        let jwk: Self = serde_json::from_str(&key.public_jwk).ok()?;
        (jwk.kid == key.id).then_some(jwk)
    }

    pub(crate) fn to_json(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|error| Fault::broken("a JWK could not be written", error))
    }
}

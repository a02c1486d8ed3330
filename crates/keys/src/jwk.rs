//! What we publish of a key: JWK and JWK Set (RFC 7517, RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3).
//!
//! The members that a JWK may have are the fields of a struct of our own. It has no place for a private member, so
//! none can ever be published, whatever a row may hold.

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm};
use chancery_domain::{
    fault::Fault,
    id::{KeyId, TenantId},
    key::Key,
    secret::from_base64url,
    vocabulary::Algorithm,
};
use serde::{Deserialize, Serialize};

use crate::kek::TenantKek;

mod thumbprint;

/// The public part of one key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Jwk {
    #[serde(flatten)]
    numbers: Numbers,
    #[serde(rename = "use")]
    usage: Usage,
    alg: Algorithm,
    kid: KeyId,
}

/// The numbers of a public key, each in base64url.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub(crate) enum Numbers {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { crv: Curve, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: Curve, x: String },
    #[serde(rename = "AKP")]
    Akp {
        #[serde(rename = "pub")]
        public: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Curve {
    #[serde(rename = "P-256")]
    P256,
    #[serde(rename = "P-384")]
    P384,
    #[serde(rename = "P-521")]
    P521,
    Ed25519,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Usage {
    #[serde(rename = "sig")]
    Signature,
}

/// A JWK Set (RFC 7517 section 5).
#[derive(Serialize)]
struct JwkSet {
    keys: Vec<Jwk>,
}

impl Jwk {
    pub(crate) const fn new(kid: KeyId, alg: Algorithm, numbers: Numbers) -> Self {
        Self { numbers, usage: Usage::Signature, alg, kid }
    }

    /// Reads a public row. `None` when it is not the JWK of that row.
    fn of(key: &Key) -> Option<Self> {
        let jwk: Self = serde_json::from_str(&key.public_jwk).ok()?;
        (jwk.kid == key.id && jwk.alg == key.algorithm).then_some(jwk)
    }

    pub(crate) fn to_json(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|error| Fault::broken("a JWK could not be written", error))
    }

    /// The key, ready to verify with its own algorithm and no other.
    pub(crate) fn parsed(&self) -> Option<ParsedPublicKey> {
        match &self.numbers {
            Numbers::Rsa { n, e } => {
                let parts = RsaPublicKeyComponents { n: from_base64url(n)?, e: from_base64url(e)? };
                parts.to_parsed_public_key(rsa_verification(self.alg)?).ok()
            }
            Numbers::Ec { x, y, .. } => {
                let point = [vec![4], from_base64url(x)?, from_base64url(y)?].concat();
                ParsedPublicKey::new(plain_verification(self.alg)?, point).ok()
            }
            Numbers::Okp { x: bytes, .. } | Numbers::Akp { public: bytes } => {
                ParsedPublicKey::new(plain_verification(self.alg)?, from_base64url(bytes)?).ok()
            }
        }
    }
}

const fn rsa_verification(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256
        | Algorithm::Es384
        | Algorithm::Es512
        | Algorithm::EdDsa
        | Algorithm::MlDsa44
        | Algorithm::MlDsa65
        | Algorithm::MlDsa87 => None,
    }
}

/// What needs no parameters beside the key. Of ECDSA the fixed forms: a signature is r and s at full length (RFC 7518
/// section 3.4).
fn plain_verification(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::Es512 => Some(&signature::ECDSA_P521_SHA512_FIXED),
        Algorithm::EdDsa => Some(&signature::ED25519),
        Algorithm::MlDsa44 => Some(&signature::ML_DSA_44),
        Algorithm::MlDsa65 => Some(&signature::ML_DSA_65),
        Algorithm::MlDsa87 => Some(&signature::ML_DSA_87),
        Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512 => None,
    }
}

/// The public key of a row; none when the row is not one that we sealed.
pub(crate) fn verifying_key(kek: &TenantKek, tenant: TenantId, key: &Key) -> Result<Option<ParsedPublicKey>, Fault> {
    if !kek.believes(tenant, key) {
        return Ok(None);
    }
    let parsed = Jwk::of(key).and_then(|jwk| jwk.parsed());
    parsed.map(Some).ok_or_else(|| Fault::bug("a public key row that we sealed cannot be read"))
}

/// The thumbprint of a key (RFC 7638 with SHA-256, in base64url): keys with the same numbers have the same one.
pub fn thumbprint(key: &Key) -> Result<String, Fault> {
    Jwk::of(key).ok_or_else(|| Fault::bug("a public key row cannot be read"))?.thumbprint()
}

/// The keys that belong into the JWK Set. A row that we did not seal is left out and reported: somebody has a pen for
/// the database.
#[must_use]
pub fn published<'a>(kek: &TenantKek, tenant: TenantId, keys: &'a [Key]) -> Vec<&'a Key> {
    let ours = |key: &&Key| {
        let believed = kek.believes(tenant, key) && Jwk::of(key).is_some();
        if !believed {
            tracing::error!(tenant.id = %tenant, key.id = %key.id, "a public key row is not sealed by us: left out");
        }
        believed
    };
    keys.iter().filter(|key| key.state().is_published()).filter(ours).collect()
}

/// The JWK Set of those keys, ready to send. Give it what [`published`] gives.
#[must_use]
pub fn jwk_set<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<u8> {
    let keys = keys.into_iter().filter(|key| key.state().is_published()).filter_map(Jwk::of).collect();
    // Strings in a struct always have a JSON form.
    serde_json::to_vec(&JwkSet { keys }).unwrap_or_else(|_| br#"{"keys":[]}"#.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_member_never_gets_through() {
        let row =
            r#"{"kty":"EC","crv":"P-256","x":"eA","y":"eQ","d":"ZA","use":"sig","alg":"ES256","kid":"k","k":"aw"}"#;
        let jwk: Jwk = serde_json::from_str(row).expect("a JWK");
        let published = r#"{"kty":"EC","crv":"P-256","x":"eA","y":"eQ","use":"sig","alg":"ES256","kid":"k"}"#;
        assert_eq!(jwk.to_json().expect("JSON"), published);
    }
}

//! What we publish of a key: JWK and JWK Set (RFC 7517, RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3).
//!
//! The members that a JWK may have are the fields of a struct of our own. It has no place for a private member, so
//! none can ever be published, whatever a row may hold.

use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;
use chancery_domain::{
    encryption_key::EncryptionKey,
    fault::Fault,
    id::{KeyId, TenantId},
    key::Key,
    vocabulary::Algorithm,
};
use serde::{Deserialize, Serialize};

use crate::kek::TenantKek;

mod encryption;
mod numbers;
mod thumbprint;

pub(crate) use encryption::EncryptionJwk;
pub(crate) use numbers::{Curve, Numbers};

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

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Usage {
    #[serde(rename = "sig")]
    Signature,
}

/// A JWK Set (RFC 7517 section 5).
#[derive(Serialize)]
struct JwkSet {
    keys: Vec<Member>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Member {
    Signs(Jwk),
    Opens(EncryptionJwk),
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
}

/// The public key of a row; none when the row is not one that we sealed.
pub(crate) fn verifying_key(
    kek: &TenantKek,
    tenant: TenantId,
    key: &Key,
) -> Result<Option<Arc<ParsedPublicKey>>, Fault> {
    if !kek.believes(tenant, key) {
        return Ok(None);
    }
    let parsed = Jwk::of(key).and_then(|jwk| jwk.numbers.parsed(jwk.alg));
    parsed.map(Arc::new).map(Some).ok_or_else(|| Fault::bug("a public key row that we sealed cannot be read"))
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

/// The JWK Set of those keys, ready to send. Give it what [`published`] gives, here and of [`crate::encryption`]. Those
/// that sign come first, for libraries that take the first key of a set.
#[must_use]
pub fn jwk_set<'a>(
    keys: impl IntoIterator<Item = &'a Key>,
    encryption_keys: impl IntoIterator<Item = &'a EncryptionKey>,
) -> Vec<u8> {
    let signs = keys.into_iter().filter(|key| key.state().is_published()).filter_map(Jwk::of).map(Member::Signs);
    let opens = encryption_keys.into_iter().filter(|key| key.is_published()).filter_map(EncryptionJwk::of);
    let keys = signs.chain(opens.map(Member::Opens)).collect();
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

//! A tenant's encryption keys at work: which are published, and what they open.

use std::fmt;

use chancery_domain::{
    client::Encryption,
    encryption_key::{EncryptionKey, EncryptionKind},
    id::{KeyId, TenantId},
    ports::encryption_keys::{OpenEncrypted, Unopened},
};

use crate::{
    jwe::{Encrypted, OwnKey},
    kek::TenantKek,
    private_part::PrivatePart,
};

/// How many keys of a kind are tried for a text that names none: the published one and the one before.
const UNNAMED: usize = 2;

/// The keys that belong into the JWK Set. A row that we did not seal is left out and reported: somebody has a pen for
/// the database.
#[must_use]
pub fn published<'a>(kek: &TenantKek, tenant: TenantId, keys: &'a [EncryptionKey]) -> Vec<&'a EncryptionKey> {
    keys.iter().filter(|key| key.is_published() && is_ours(kek, tenant, key)).collect()
}

fn is_ours(kek: &TenantKek, tenant: TenantId, key: &EncryptionKey) -> bool {
    let ours = kek.believes_encrypting(tenant, key);
    if !ours {
        tracing::error!(tenant.id = %tenant, key.id = %key.id, "an encryption key's row is not sealed by us: left out");
    }
    ours
}

/// Opens what was encrypted to one tenant. It cannot be printed.
pub struct Opener(Vec<Ready>);

/// A key, opened once and held ready.
struct Ready {
    id: KeyId,
    kind: EncryptionKind,
    own: OwnKey,
}

impl Opener {
    /// Opens the keys of a tenant. What does not open is left out and reported: damage to one is no damage to the others.
    #[must_use]
    pub fn new(kek: &TenantKek, tenant: TenantId, keys: &[EncryptionKey]) -> Self {
        // The newest first.
        Self(keys.iter().rev().filter_map(|key| ready(kek, tenant, key)).collect())
    }
}

fn ready(kek: &TenantKek, tenant: TenantId, key: &EncryptionKey) -> Option<Ready> {
    if !is_ours(kek, tenant, key) {
        return None;
    }
    let sealed = kek.open_decrypting(tenant, key).and_then(|bytes| PrivatePart::read(bytes).ok());
    let own = sealed.and_then(|private| OwnKey::read(key.kind, &private.bytes()));
    if own.is_none() {
        tracing::error!(tenant.id = %tenant, key.id = %key.id, "an encryption key does not open");
    }
    Some(Ready { id: key.id.clone(), kind: key.kind, own: own? })
}

impl OpenEncrypted for Opener {
    fn open(&self, token: &str, only: Option<Encryption>) -> Result<String, Unopened> {
        let encrypted = Encrypted::read(token).ok_or(Unopened)?;
        if only.is_some_and(|only| only != encrypted.how()) {
            return Err(Unopened);
        }
        let kind = EncryptionKind::opening(encrypted.how().alg);
        let named = encrypted.kid();
        let fits = |key: &&Ready| key.kind == kind && named.is_none_or(|kid| key.id.as_str() == kid);
        self.0.iter().filter(fits).take(UNNAMED).find_map(|key| encrypted.open(&key.own)).ok_or(Unopened)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({} keys)", self.0.len())
    }
}

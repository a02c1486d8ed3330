//! Links: each event's hash is over its place, the hash before it and its text.

use std::fmt::Display;

use chancery_domain::{
    audit_chain::{AuditHash, AuditHead, SealedEvent},
    fault::Malformed,
    id::TenantId,
};
use sha2::{Digest, Sha256};

const EVENT: &[u8] = b"chancery audit event v1\0";
const CHAIN: &[u8] = b"chancery audit chain v1\0";

/// The name of the chain that is no tenant's.
const PLATFORM: &str = "platform";

/// The name of a chain in texts: the tenant's uid, or `platform`.
pub(crate) fn name(tenant: Option<impl Display>) -> String {
    tenant.map_or_else(|| PLATFORM.to_owned(), |tenant| tenant.to_string())
}

/// Reads the name of a chain.
pub(crate) fn tenant(name: &str) -> Result<Option<TenantId>, Malformed> {
    if name == PLATFORM { Ok(None) } else { name.parse().map(Some) }
}

/// What a chain begins with, as if it were the hash of an event before the first.
#[must_use]
pub fn genesis(tenant: Option<TenantId>) -> AuditHash {
    of_name(&name(tenant))
}

pub(crate) fn of_name(chain: &str) -> AuditHash {
    let mut hash = Sha256::new();
    hash.update(CHAIN);
    hash.update(chain.as_bytes());
    AuditHash::from_bytes(hash.finalize().into())
}

/// The hash of an event in that place, behind that hash.
#[must_use]
pub fn link(position: u64, previous: &AuditHash, text: &str) -> AuditHash {
    let mut hash = Sha256::new();
    hash.update(EVENT);
    hash.update(position.to_be_bytes());
    hash.update(previous.bytes());
    hash.update(text.as_bytes());
    AuditHash::from_bytes(hash.finalize().into())
}

/// Links texts, in order, behind that head, which moves on.
pub fn link_all(head: &mut AuditHead, texts: impl IntoIterator<Item = String>) -> Vec<SealedEvent> {
    let link = |text: String| {
        let (position, previous) = (head.position + 1, head.hash);
        let hash = link(position, &previous, &text);
        *head = AuditHead { position, hash };
        SealedEvent { position, previous, hash, text }
    };
    texts.into_iter().map(link).collect()
}

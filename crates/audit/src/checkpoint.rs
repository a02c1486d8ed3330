//! Checkpoints: what is signed of a chain from time to time.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use chancery_domain::audit_chain::AuditCheckpoint;

use crate::{chain, json::Object, record};

const SIGNED: &[u8] = b"chancery audit checkpoint v1\0";

/// The text of a checkpoint, without its signature.
#[must_use]
pub fn signed_text(checkpoint: &AuditCheckpoint) -> String {
    let mut json = Object::new();
    json.number("v", 1).text("chain", &chain::name(checkpoint.tenant)).number("position", checkpoint.position);
    json.text("hash", &checkpoint.hash.to_string()).text("at", &record::moment(checkpoint.at));
    json.text("key", checkpoint.key.as_str()).end()
}

/// The bytes that a checkpoint's signature is over.
#[must_use]
pub fn signed_bytes(checkpoint: &AuditCheckpoint) -> Vec<u8> {
    [SIGNED, signed_text(checkpoint).as_bytes()].concat()
}

/// Whether the signature is that of this public key.
#[must_use]
pub fn is_signed(checkpoint: &AuditCheckpoint, public: &[u8; 32]) -> bool {
    let key = UnparsedPublicKey::new(&ED25519, public);
    key.verify(&signed_bytes(checkpoint), &checkpoint.signature).is_ok()
}

//! Exports: JSON Lines. An event to a line, checkpoints between them where they were made, and a last line that says
//! where the export ends.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chancery_domain::audit_chain::{AuditCheckpoint, AuditHash, SealedEvent};
use serde::Deserialize;

use crate::{chain, checkpoint, json::Object, record};

const EVENT: &str = r#"{"type":"event","position":"#;
const PREVIOUS: &str = r#","previous":""#;
const HASH: &str = r#"","hash":""#;
const TEXT: &str = r#"","event":"#;
const END: &str = r#"{"type":"end","position":"#;

/// The line of an event, without its end. The event stands in it as it was hashed.
#[must_use]
pub fn event_line(event: &SealedEvent) -> String {
    let SealedEvent { position, previous, hash, text } = event;
    format!("{EVENT}{position}{PREVIOUS}{previous}{HASH}{hash}{TEXT}{text}}}")
}

/// The line of a checkpoint.
#[must_use]
pub fn checkpoint_line(checkpoint: &AuditCheckpoint) -> String {
    let mut json = Object::new();
    json.text("type", "checkpoint").raw("checkpoint", &checkpoint::signed_text(checkpoint));
    json.text("signature", &URL_SAFE_NO_PAD.encode(&checkpoint.signature)).end()
}

/// The last line: the place of the last event before it.
#[must_use]
pub fn end_line(position: u64) -> String {
    format!("{END}{position}}}")
}

/// A line of an export.
pub(crate) enum Line {
    /// An event.
    Event(SealedEvent),
    /// A checkpoint.
    Checkpoint(AuditCheckpoint),
    /// The end.
    End(u64),
}

impl Line {
    /// Reads a line; `None` when it is none of ours to the last byte.
    pub(crate) fn read(line: &str) -> Option<Self> {
        if line.starts_with(EVENT) {
            return read_event(line).map(Self::Event);
        }
        if line.starts_with(END) {
            let position = line.strip_prefix(END)?.strip_suffix('}')?.parse().ok()?;
            return (end_line(position) == line).then_some(Self::End(position));
        }
        read_checkpoint(line).map(Self::Checkpoint)
    }
}

fn read_event(line: &str) -> Option<SealedEvent> {
    let (position, rest) = line.strip_prefix(EVENT)?.split_once(PREVIOUS)?;
    let (previous, rest) = rest.split_once(HASH)?;
    let (hash, rest) = rest.split_once(TEXT)?;
    let text = rest.strip_suffix('}')?.to_owned();
    let event = SealedEvent { position: position.parse().ok()?, previous: read(previous)?, hash: read(hash)?, text };
    (event_line(&event) == line).then_some(event)
}

fn read(hash: &str) -> Option<AuditHash> {
    let bytes = URL_SAFE_NO_PAD.decode(hash).ok()?;
    bytes.try_into().ok().map(AuditHash::from_bytes)
}

#[derive(Deserialize)]
struct CheckpointLine {
    checkpoint: Signed,
    signature: String,
}

#[derive(Deserialize)]
struct Signed {
    chain: String,
    position: u64,
    hash: String,
    at: String,
    key: String,
}

/// Reads the line of a checkpoint; `None` when it is none of ours to the last byte.
#[must_use]
pub fn read_checkpoint(line: &str) -> Option<AuditCheckpoint> {
    let CheckpointLine { checkpoint: signed, signature } = serde_json::from_str(line).ok()?;
    let checkpoint = AuditCheckpoint {
        tenant: chain::tenant(&signed.chain).ok()?,
        position: signed.position,
        hash: read(&signed.hash)?,
        at: record::read_moment(&signed.at)?,
        key: signed.key.parse().ok()?,
        signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
    };
    (checkpoint_line(&checkpoint) == line).then_some(checkpoint)
}

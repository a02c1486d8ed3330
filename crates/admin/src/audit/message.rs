//! Events, checkpoints and audit keys as messages.

use chancery_audit::{Record, checkpoint_line, jwk};
use chancery_domain::audit_chain::{self, SealedEvent};
use chancery_proto::v1::{self, audit_event::Outcome};

use super::Chain;
use crate::span;

/// An event. One whose text somebody changed so that it cannot be read is told by its text alone.
pub(super) fn event(chain: &Chain, event: SealedEvent) -> v1::AuditEvent {
    let SealedEvent { position, previous, hash, text } = event;
    let mut message = Record::parse(&text).map(of_record).unwrap_or_default();
    message.name = chain.name("auditEvents", position);
    message.position = number(position);
    message.previous_hash = previous.to_string();
    message.hash = hash.to_string();
    message.canonical_text = text;
    message
}

fn of_record(record: Record) -> v1::AuditEvent {
    let event_time = record.time().map(span::moment);
    let (object_kind, object) = record.object.map(|object| (object.kind, object.id)).unwrap_or_default();
    let outcome = match record.outcome.as_str() {
        "done" => Outcome::Done,
        "refused" => Outcome::Refused,
        _ => Outcome::Unspecified,
    };
    v1::AuditEvent {
        event_time,
        actor_kind: record.actor.kind,
        actor: record.actor.id,
        authentication: record.method.unwrap_or_default(),
        permission: record.permission.unwrap_or_default(),
        action: record.action,
        object_kind,
        object,
        outcome: outcome.into(),
        request_id: record.request_id.unwrap_or_default(),
        trace_id: record.trace.unwrap_or_default(),
        reason: record.reason.unwrap_or_default(),
        note: record.note.unwrap_or_default(),
        before_version: record.before.unwrap_or_default(),
        after_version: record.after.unwrap_or_default(),
        ..Default::default()
    }
}

/// A checkpoint.
pub(super) fn checkpoint(chain: &Chain, checkpoint: &audit_chain::AuditCheckpoint) -> v1::AuditCheckpoint {
    v1::AuditCheckpoint {
        name: chain.name("auditCheckpoints", checkpoint.position),
        position: number(checkpoint.position),
        hash: checkpoint.hash.to_string(),
        sign_time: Some(span::moment(checkpoint.at)),
        key: format!("auditKeys/{}", checkpoint.key),
        line: checkpoint_line(checkpoint),
    }
}

/// A public key.
pub(super) fn key(key: &audit_chain::AuditKey, genuine: bool) -> v1::AuditKey {
    v1::AuditKey {
        name: format!("auditKeys/{}", key.id),
        jwk: jwk(&key.id, &key.public),
        genuine,
        create_time: Some(span::moment(key.created_at)),
    }
}

fn number(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

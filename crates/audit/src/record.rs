//! One event as text: what is hashed, stored, exported and read again.

use chancery_domain::{
    audit::{Action, AuditEvent},
    change::Noun,
    time::Timestamp,
};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::json::Object;

/// An event as it stands in its text, the members in their order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The version of the form: 1.
    pub v: u8,
    /// When: RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// The uid of the tenant; absent for the platform's own.
    pub tenant: Option<String>,
    /// Who.
    pub actor: ActorRecord,
    /// How they proved it.
    pub method: Option<String>,
    /// The permission that they used.
    pub permission: Option<String>,
    /// What happened, by its stable code.
    pub action: String,
    /// To what.
    pub object: Option<ObjectRecord>,
    /// `done` or `refused`.
    pub outcome: String,
    /// The name that the request gave itself.
    pub request_id: Option<String>,
    /// What the log calls the call.
    pub trace: Option<String>,
    /// A stable code that says why.
    pub reason: Option<String>,
    /// What the actor said about it.
    pub note: Option<String>,
    /// The version of the object before.
    pub before: Option<String>,
    /// The version of the object after.
    pub after: Option<String>,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorRecord {
    /// The kind, such as `user`.
    pub kind: String,
    /// Which one; empty where there is one of the kind, or nobody knows.
    pub id: String,
}

/// What it was done to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRecord {
    /// The kind of thing.
    pub kind: String,
    /// Which one.
    pub id: String,
}

/// The text of an event. The same event has the same text everywhere and for ever.
#[must_use]
pub fn canonical(event: &AuditEvent) -> String {
    let (kind, id) = event.author.actor.parts();
    let object = event.object.as_ref();
    Record {
        v: 1,
        at: moment(event.at),
        tenant: event.tenant.map(|tenant| tenant.to_string()),
        actor: ActorRecord { kind: kind.to_owned(), id },
        method: event.author.method.map(str::to_owned),
        permission: event.author.permission.map(str::to_owned),
        action: event.action.code().to_owned(),
        object: object.map(|(noun, id)| ObjectRecord { kind: Noun::label(*noun).to_owned(), id: id.clone() }),
        outcome: Record::outcome(event.action.code()).to_owned(),
        request_id: event.author.request_id.clone(),
        trace: event.author.trace.as_deref().map(str::to_owned),
        reason: event.reason.map(str::to_owned),
        note: event.note.clone(),
        before: event.before.map(|version| version.number().to_string()),
        after: event.after.map(|version| version.number().to_string()),
    }
    .text()
}

/// A moment as the texts have it.
pub(crate) fn moment(at: Timestamp) -> String {
    let nanos = i128::from(at.millis()) * 1_000_000;
    // Beyond the year 9999 there is nothing to tell of; what is written must be written all the same.
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, clock) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
        clock.millisecond()
    )
}

/// Reads a moment of a text.
pub(crate) fn read_moment(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp::from_millis)
}

impl Record {
    /// Reads a text; `None` when it is not one of ours to the last byte.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let record: Self = serde_json::from_str(text).ok()?;
        (record.v == 1 && record.text() == text).then_some(record)
    }

    /// The outcome that an action has, by its code.
    #[must_use]
    pub fn outcome(action: &str) -> &'static str {
        let refused = Action::ALL.iter().any(|known| known.code() == action && known.is_refusal());
        if refused { "refused" } else { "done" }
    }

    /// When it happened.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        read_moment(&self.at)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> String {
        let actor = Object::new().text("kind", &self.actor.kind).text("id", &self.actor.id).end();
        let mut json = Object::new();
        json.number("v", self.v.into()).text("at", &self.at).maybe("tenant", self.tenant.as_deref());
        json.raw("actor", &actor).maybe("method", self.method.as_deref());
        json.maybe("permission", self.permission.as_deref()).text("action", &self.action);
        if let Some(object) = &self.object {
            json.raw("object", &Object::new().text("kind", &object.kind).text("id", &object.id).end());
        }
        json.text("outcome", &self.outcome).maybe("request_id", self.request_id.as_deref());
        json.maybe("trace", self.trace.as_deref()).maybe("reason", self.reason.as_deref());
        json.maybe("note", self.note.as_deref()).maybe("before", self.before.as_deref());
        json.maybe("after", self.after.as_deref()).end()
    }

    /// The text of an event that was stored in columns alone, before there were texts.
    #[must_use]
    pub fn of_columns(tenant: Option<String>, at: Timestamp, actor: ActorRecord, action: String) -> Self {
        let outcome = Self::outcome(&action).to_owned();
        let (v, at) = (1, moment(at));
        let (method, permission, object, request_id) = (None, None, None, None);
        let (trace, reason, note, before, after) = (None, None, None, None, None);
        Self {
            v,
            at,
            tenant,
            actor,
            method,
            permission,
            action,
            object,
            outcome,
            request_id,
            trace,
            reason,
            note,
            before,
            after,
        }
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::{audit::Actor, version::Version};

    use super::*;

    #[test]
    fn a_text_has_its_members_in_order_and_reads_back() {
        let at = Timestamp::from_millis(1_772_366_400_250);
        let event = AuditEvent::new(None, at, Actor::System, Action::KeysRotated);
        let least = r#"{"v":1,"at":"2026-03-01T12:00:00.250Z","actor":{"kind":"system","id":""},"action":"keys.rotate","outcome":"done"}"#;
        assert_eq!(canonical(&event), least);
        let event = event.about(Noun::Key, "k1").because("age").noting("line\nnext".to_owned());
        let event = event.between(Version::FIRST, Version::FIRST.next());
        let text = canonical(&event);
        assert!(text.ends_with(
            r#""object":{"kind":"key","id":"k1"},"outcome":"done","reason":"age","note":"line\u000anext","before":"1","after":"2"}"#
        ));
        let record = Record::parse(&text).expect("a record");
        assert_eq!((record.time(), record.note.as_deref()), (Some(at), Some("line\nnext")));
    }

    #[test]
    fn a_text_that_says_the_same_in_another_way_is_none_of_ours() {
        let text =
            canonical(&AuditEvent::new(None, Timestamp::from_millis(0), Actor::Anonymous, Action::SignInRefused));
        assert!(Record::parse(&text).is_some_and(|record| record.outcome == "refused"));
        for other in [text.replace("\"v\":1", "\"v\": 1"), text.replace("sign_in", "sign\\u005fin"), format!("{text} ")]
        {
            assert!(Record::parse(&other).is_none(), "{other}");
        }
    }
}

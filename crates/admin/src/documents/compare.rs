//! Messages compared field by field, by the descriptors of the contract.

use chancery_proto::descriptors::{self, Behavior};
use prost::Message;
use prost_reflect::{DynamicMessage, Kind, ReflectMessage, Value};
use prost_types::{ListValue, Struct, value::Kind as Json};

use crate::mask::{Field, Rule};

/// A field that holds something else in two messages. None stands for a field that holds nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// Its path.
    pub(super) path: &'static str,
    /// What it holds in the first, in the JSON form of protocol buffers.
    pub(super) before: Json,
    /// What it holds in the second.
    pub(super) after: Json,
}

/// The fields that a caller may set and that differ, in the order of `fields`; lists without an order are sets. Of a
/// thing that is new, those that hold something.
pub(super) fn differences<M: Message>(
    message: &str,
    fields: &[Field<M>],
    before: Option<&M>,
    after: &M,
) -> Vec<Difference> {
    let (before, after) = (before.map(|before| dynamic(message, before)), dynamic(message, after));
    let mut found = Vec::new();
    for Field { path, rule } in fields {
        match rule {
            Rule::Open { .. } | Rule::Fixed { .. } => {}
            Rule::Output => continue,
        }
        let is = at(&after, path);
        let was = before.as_ref().map_or(Json::NullValue(0), |before| at(before, path));
        let is_told = before.is_some() || is_held(&after, path);
        if is != was && is_told {
            found.push(Difference { path, before: was, after: is });
        }
    }
    found
}

/// The message with its name and what a caller may set, and nothing else.
pub(super) fn bare<M: Message + Default>(message: &str, fields: &[Field<M>], sent: &M) -> M {
    let mut dynamic = dynamic(message, sent);
    for Field { path, rule } in fields {
        if matches!(rule, Rule::Output) && *path != "name" {
            dynamic.clear_field_by_name(path);
        }
    }
    dynamic.transcode_to().expect("the message is of that kind")
}

fn dynamic<M: Message>(message: &str, sent: &M) -> DynamicMessage {
    let mut dynamic = DynamicMessage::new(descriptors::message(message).expect("the contract holds the message"));
    dynamic.transcode_from(sent).expect("the message is of that kind");
    dynamic
}

/// What a field holds; nothing where it, or what it lies in, is not there.
fn at(message: &DynamicMessage, path: &str) -> Json {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(field) = message.descriptor().get_field_by_name(first) else { return Json::NullValue(0) };
    if field.supports_presence() && !message.has_field(&field) {
        return Json::NullValue(0);
    }
    let value = message.get_field(&field);
    match (rest, &*value) {
        (Some(rest), Value::Message(inner)) => at(inner, rest),
        (Some(_), _) => Json::NullValue(0),
        (None, value) => {
            let mut json = json(&field.kind(), value);
            if let Json::ListValue(list) = &mut json
                && descriptors::is(&field, Behavior::UnorderedList)
            {
                list.values.sort_by_cached_key(|value| format!("{value:?}"));
            }
            json
        }
    }
}

/// Whether a field holds something.
fn is_held(message: &DynamicMessage, path: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(field) = message.descriptor().get_field_by_name(first).filter(|field| message.has_field(field)) else {
        return false;
    };
    match (rest, &*message.get_field(&field)) {
        (Some(rest), Value::Message(inner)) => is_held(inner, rest),
        (rest, _) => rest.is_none(),
    }
}

/// A value in the JSON form of protocol buffers. Enums that this build does not know stay numbers.
fn json(kind: &Kind, value: &Value) -> Json {
    match value {
        Value::Bool(it) => Json::BoolValue(*it),
        Value::I32(it) => Json::NumberValue((*it).into()),
        Value::U32(it) => Json::NumberValue((*it).into()),
        Value::F32(it) => Json::NumberValue((*it).into()),
        Value::F64(it) => Json::NumberValue(*it),
        Value::I64(it) => Json::StringValue(it.to_string()),
        Value::U64(it) => Json::StringValue(it.to_string()),
        Value::String(it) => Json::StringValue(it.clone()),
        Value::Bytes(it) => Json::StringValue(chancery_domain::secret::base64url(it)),
        Value::EnumNumber(number) => {
            let name = kind.as_enum().and_then(|known| known.get_value(*number));
            name.map_or_else(|| Json::NumberValue((*number).into()), |name| Json::StringValue(name.name().to_owned()))
        }
        Value::Message(inner) => message(inner),
        Value::List(values) => {
            let values = values.iter().map(|value| of(json(kind, value))).collect();
            Json::ListValue(ListValue { values })
        }
        Value::Map(entries) => {
            let value_kind = kind.as_message().map(|entry| entry.map_entry_value_field().kind());
            let fields = entries.iter().map(|(key, value)| {
                let key = key.as_str().map_or_else(|| format!("{key:?}"), str::to_owned);
                (key, of(json(value_kind.as_ref().unwrap_or(kind), value)))
            });
            Json::StructValue(Struct { fields: fields.collect() })
        }
    }
}

/// A message in the JSON form of protocol buffers, which some of Google's have to themselves.
fn message(inner: &DynamicMessage) -> Json {
    match inner.descriptor().full_name() {
        "google.protobuf.Duration" => {
            let seconds = inner.get_field_by_name("seconds").and_then(|seconds| seconds.as_i64()).unwrap_or_default();
            Json::StringValue(format!("{seconds}s"))
        }
        "google.protobuf.Value" => {
            let value: prost_types::Value = inner.transcode_to().expect("the message is of that kind");
            value.kind.unwrap_or(Json::NullValue(0))
        }
        _ => {
            let told = inner.fields().map(|(field, value)| (field.name().to_owned(), of(json(&field.kind(), value))));
            Json::StructValue(Struct { fields: told.collect() })
        }
    }
}

/// The value as a message.
pub(super) const fn of(json: Json) -> prost_types::Value {
    prost_types::Value { kind: Some(json) }
}

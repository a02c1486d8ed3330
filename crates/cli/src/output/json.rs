//! The JSON form of protocol buffers: names in camel case, enums by name, RFC 3339 times, durations as `10s`.
//!
//! Unlike there, `false`, zero and empty lists are written too: scripts need not ask whether a key is there.

use prost_reflect::{DynamicMessage, Kind, Value};
use serde_json::Value as Json;

use super::reflect::{self, Inner};
use crate::{claims, duration, moment};

/// A message as an object.
pub(super) fn message(message: &DynamicMessage) -> Json {
    let fields = reflect::fields(message);
    Json::Object(fields.map(|(field, given)| (field.json_name().to_owned(), value(&field.kind(), given))).collect())
}

/// A value of a field of that kind.
pub(super) fn value(kind: &Kind, value: Value) -> Json {
    match value {
        Value::Bool(it) => it.into(),
        Value::I32(it) => it.into(),
        Value::U32(it) => it.into(),
        // JSON numbers are doubles to many readers.
        Value::I64(it) => it.to_string().into(),
        Value::U64(it) => it.to_string().into(),
        Value::F32(it) => it.into(),
        Value::F64(it) => it.into(),
        Value::String(it) => it.into(),
        Value::Bytes(it) => it.to_vec().into(),
        Value::EnumNumber(number) => enum_name(kind, number).map_or_else(|| number.into(), Json::from),
        Value::Message(it) => match Inner::of(it) {
            Inner::Duration(it) => duration::for_json(&it).into(),
            Inner::Timestamp(it) => moment::for_json(&it).into(),
            Inner::Struct(it) => claims::to_json(it),
            Inner::Value(it) => claims::value_to_json(it),
            Inner::Own(it) => message(&it),
        },
        Value::List(values) => values.into_iter().map(|it| self::value(kind, it)).collect(),
        Value::Map(entries) => {
            let kind = map_value(kind);
            let text = |key: &prost_reflect::MapKey| key.as_str().map_or_else(|| format!("{key:?}"), str::to_owned);
            Json::Object(entries.into_iter().map(|(key, it)| (text(&key), self::value(&kind, it))).collect())
        }
    }
}

/// The name of an enum value, unless it is one that this build does not know.
pub(super) fn enum_name(kind: &Kind, number: i32) -> Option<String> {
    Some(kind.as_enum()?.get_value(number)?.name().to_owned())
}

fn map_value(kind: &Kind) -> Kind {
    let entry = kind.as_message().filter(|entry| entry.is_map_entry());
    entry.map_or_else(|| kind.clone(), |entry| entry.map_entry_value_field().kind())
}

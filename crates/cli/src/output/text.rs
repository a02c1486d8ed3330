//! Values as people read them: ids instead of names, enums as one word, durations and times short.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use serde_json::Value as Json;

use super::json;
use super::reflect::{self, Inner};
use crate::{claims, duration, moment, name};

/// Labels and values of all that a message says, one message deep. The etag is for the next command, and comes last.
pub(super) fn facts(message: &DynamicMessage) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for (field, given) in reflect::fields(message) {
        if let Value::Message(inner) = &given
            && let Inner::Own(inner) = Inner::of(inner.clone())
        {
            facts.extend(self::facts(&inner));
            continue;
        }
        let text = value(&field.kind(), given);
        if !text.is_empty() {
            facts.push((label(field.name()), text));
        }
    }
    facts.sort_by_key(|(label, _)| label == "etag");
    facts
}

/// One field of a message, or its `id`; a dash where there is nothing.
pub(super) fn cell(message: &DynamicMessage, column: &str) -> String {
    let text = match column {
        "id" => message.get_field_by_name("name").map(|it| name::id(it.as_str().unwrap_or_default()).to_owned()),
        _ => message.descriptor().get_field_by_name(column).map(|field| {
            let absent = field.supports_presence() && !message.has_field(&field);
            let text = || value(&field.kind(), message.get_field(&field).into_owned());
            match is_reference(&field) {
                _ if absent => String::new(),
                true => ids(&text()),
                false => text(),
            }
        }),
    };
    text.map(|text| printable(&text)).filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned())
}

/// Whether a field holds names of resources.
fn is_reference(field: &FieldDescriptor) -> bool {
    let reference = field.parent_pool().get_extension_by_name("google.api.resource_reference");
    reference.is_some_and(|reference| field.options().has_extension(&reference))
}

/// The ids in a list of names.
fn ids(names: &str) -> String {
    names.split(", ").map(name::id).collect::<Vec<_>>().join(", ")
}

/// What a field is called: `display_name` is `display name`.
pub(super) fn label(field: &str) -> String {
    let mut label = String::new();
    for letter in field.chars() {
        match letter {
            '_' => label.push(' '),
            upper if upper.is_ascii_uppercase() => label.extend([' ', upper.to_ascii_lowercase()]),
            letter => label.push(letter),
        }
    }
    label
}

/// A text that can do nothing to a terminal: control characters are written out.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() { safe.extend(letter.escape_default()) } else { safe.push(letter) }
    }
    safe
}

fn value(kind: &Kind, given: Value) -> String {
    match given {
        Value::Bool(it) => if it { "yes" } else { "no" }.to_owned(),
        Value::String(it) => printable(&it),
        Value::EnumNumber(number) => word(kind, number),
        Value::Message(it) => match Inner::of(it) {
            Inner::Duration(it) => duration::for_people(&it),
            Inner::Timestamp(it) => moment::for_people(&it),
            Inner::Struct(it) => claims_line(&claims::to_json(it)),
            Inner::Value(it) => printable(&claims::value_to_json(it).to_string()),
            Inner::Own(it) => json::message(&it).to_string(),
        },
        Value::List(values) => {
            let values: Vec<_> = values.into_iter().map(|it| value(kind, it)).collect();
            values.join(", ")
        }
        other @ (Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::Bytes(_)
        | Value::Map(_)) => {
            let json = json::value(kind, other);
            json.as_str().map_or_else(|| json.to_string(), printable)
        }
    }
}

/// An enum value without the name of its enum: `STATE_ACTIVE` is `active`. Unspecified is nothing.
fn word(kind: &Kind, number: i32) -> String {
    let Some(name) = json::enum_name(kind, number) else {
        return number.to_string();
    };
    let zero = json::enum_name(kind, 0).unwrap_or_default();
    let prefix = zero.strip_suffix("UNSPECIFIED").unwrap_or_default();
    if number == 0 { String::new() } else { name.strip_prefix(prefix).unwrap_or(&name).to_ascii_lowercase() }
}

/// A value of JSON as one word; empty where it says nothing.
pub(super) fn word_of(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(it) => if *it { "yes" } else { "no" }.to_owned(),
        Json::String(it) => printable(it),
        Json::Array(values) => values.iter().map(word_of).collect::<Vec<_>>().join(", "),
        Json::Number(_) | Json::Object(_) => printable(&value.to_string()),
    }
}

fn claims_line(claims: &Json) -> String {
    let empty = claims.as_object().is_some_and(serde_json::Map::is_empty);
    if empty { String::new() } else { printable(&claims.to_string()) }
}

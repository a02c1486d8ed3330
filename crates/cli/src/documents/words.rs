//! From a message to words.

use chancery_proto::v1::TenantDocument;
use prost_reflect::{DynamicMessage, Kind, ReflectMessage, Value};
use prost_types::value::Kind as Json;

use super::contract;
use super::tree::{List, Tree};
use crate::{duration, name};

/// A document as files have it: what holds nothing is left out.
pub(super) fn of(document: &TenantDocument) -> Tree {
    let mut dynamic = DynamicMessage::new(contract::document());
    dynamic.transcode_from(document).expect("the message is of that kind");
    message(&dynamic)
}

fn message(message: &DynamicMessage) -> Tree {
    let fields = contract::fields(&message.descriptor());
    let told = fields.into_iter().filter(|field| message.has_field(field)).filter_map(|field| {
        let value = message.get_field(&field);
        let tree = match (field.name(), &*value) {
            // What lies in a tenant needs no more than its id.
            ("name", Value::String(full)) if contract::pattern(&message.descriptor()).is_some() => {
                Tree::Text(name::id(full).to_owned())
            }
            (_, Value::List(values)) => {
                let entries = values.iter().filter_map(|one| self::value(&field.kind(), one));
                list(entries, !contract::is(&field, contract::Behavior::UnorderedList))
            }
            (_, value) => self::value(&field.kind(), value)?,
        };
        Some((field.name().to_owned(), tree))
    });
    Tree::Map(told.collect())
}

fn value(kind: &Kind, value: &Value) -> Option<Tree> {
    Some(match value {
        Value::Bool(it) => Tree::Flag(*it),
        Value::String(it) => Tree::Text(it.clone()),
        Value::I32(it) => Tree::Number(it.to_string()),
        Value::U32(it) => Tree::Number(it.to_string()),
        Value::I64(it) => Tree::Number(it.to_string()),
        Value::U64(it) => Tree::Number(it.to_string()),
        Value::F32(it) => Tree::Number(it.to_string()),
        Value::F64(it) => Tree::Number(it.to_string()),
        Value::EnumNumber(number) => {
            let word = kind.as_enum().and_then(|of| contract::word(of, *number));
            word.map_or_else(|| Tree::Number(number.to_string()), Tree::Text)
        }
        Value::Message(inner) if contract::is_span(kind) => {
            Tree::Text(duration::for_people(&inner.transcode_to().unwrap_or_default()))
        }
        Value::Message(inner) if contract::is_json(kind) => json(inner.transcode_to().ok()?),
        Value::Message(inner) => message(inner),
        // No document holds these, nor lists in lists.
        Value::Bytes(_) | Value::Map(_) | Value::List(_) => return None,
    })
}

/// Any JSON.
fn json(value: prost_types::Value) -> Tree {
    match value.kind {
        Some(Json::NullValue(_)) | None => Tree::Null,
        Some(Json::BoolValue(it)) => Tree::Flag(it),
        Some(Json::NumberValue(it)) => Tree::Number(it.to_string()),
        Some(Json::StringValue(it)) => Tree::Text(it),
        Some(Json::ListValue(it)) => list(it.values.into_iter().map(json), true),
        Some(Json::StructValue(it)) => {
            Tree::Map(it.fields.into_iter().map(|(name, value)| (name, json(value))).collect())
        }
    }
}

fn list(entries: impl Iterator<Item = Tree>, is_ordered: bool) -> Tree {
    Tree::List(List { entries: entries.collect(), is_ordered })
}

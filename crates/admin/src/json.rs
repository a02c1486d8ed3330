//! JSON as protobuf has it: `google.protobuf.Struct` and `Value`, and back.

use prost_types::{ListValue, Struct, Value, value::Kind};
use serde_json::{Map, Number, Value as Json};

use crate::status::Refusal;

/// How deep values may be nested: an address has one level.
const DEEPEST: u32 = 8;
/// Beyond this a double does not tell neighbouring integers apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads an object that somebody sent in that field.
pub(crate) fn read_object(field: &str, sent: Struct) -> Result<Map<String, Json>, Refusal> {
    object(field, sent, 0)
}

/// Reads a value that somebody sent in that field.
pub(crate) fn read(field: &str, sent: Value) -> Result<Json, Refusal> {
    json(field, sent, 0)
}

fn object(field: &str, sent: Struct, depth: u32) -> Result<Map<String, Json>, Refusal> {
    sent.fields.into_iter().map(|(name, value)| Ok((name, json(field, value, depth)?))).collect()
}

fn json(field: &str, sent: Value, depth: u32) -> Result<Json, Refusal> {
    if depth > DEEPEST {
        return Err(Refusal::field(field, format!("must not be nested deeper than {DEEPEST} levels")));
    }
    match sent.kind {
        None | Some(Kind::NullValue(_)) => Ok(Json::Null),
        Some(Kind::BoolValue(flag)) => Ok(flag.into()),
        Some(Kind::StringValue(text)) => Ok(text.into()),
        Some(Kind::NumberValue(number)) => numeral(field, number),
        Some(Kind::StructValue(inner)) => object(field, inner, depth + 1).map(Json::Object),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(|value| json(field, value, depth + 1)).collect(),
    }
}

/// A whole number stays one: `1` and not `1.0`.
fn numeral(field: &str, number: f64) -> Result<Json, Refusal> {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within what both types hold exactly")]
        return Ok((number as i64).into());
    }
    let finite = Number::from_f64(number).map(Json::Number);
    finite.ok_or_else(|| Refusal::field(field, "must hold finite numbers"))
}

/// An object for an answer.
pub(crate) fn write_object(map: &Map<String, Json>) -> Struct {
    Struct { fields: map.iter().map(|(name, value)| (name.clone(), write(value))).collect() }
}

/// A value for an answer.
pub(crate) fn write(value: &Json) -> Value {
    let kind = match value {
        Json::Null => Kind::NullValue(0),
        Json::Bool(flag) => Kind::BoolValue(*flag),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(list) => Kind::ListValue(ListValue { values: list.iter().map(write).collect() }),
        Json::Object(map) => Kind::StructValue(write_object(map)),
    };
    Value { kind: Some(kind) }
}

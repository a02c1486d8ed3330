//! Claims of a user: from arguments into `google.protobuf.Struct`, and from there into JSON.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use serde_json::{Map, Value as Json};

/// One claim from an argument: `name=Alice` is a text, `address:={"locality":"Graz"}` is JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Claim {
    name: String,
    value: Json,
}

impl Claim {
    /// The parser of arguments.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("write NAME=TEXT, or NAME:=JSON")?;
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => {
                (name, serde_json::from_str(value).map_err(|cause| format!("what follows := is no JSON: {cause}"))?)
            }
            None => (name, Json::from(value)),
        };
        if name.is_empty() {
            return Err("a claim has a name".to_owned());
        }
        Ok(Self { name: name.to_owned(), value })
    }

    /// All of them together.
    pub(crate) fn collect(claims: Vec<Self>) -> Struct {
        Struct { fields: claims.into_iter().map(|claim| (claim.name, to_value(claim.value))).collect() }
    }
}

/// The parser of one value, which may be of any type.
pub(crate) fn value(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map(to_value).map_err(|cause| format!("this is no JSON: {cause}"))
}

/// A text as value.
pub(crate) fn text(text: String) -> Value {
    to_value(Json::String(text))
}

fn to_value(json: Json) -> Value {
    let kind = match json {
        Json::Null => Kind::NullValue(0),
        Json::Bool(value) => Kind::BoolValue(value),
        Json::Number(value) => Kind::NumberValue(value.as_f64().unwrap_or_default()),
        Json::String(value) => Kind::StringValue(value),
        Json::Array(values) => Kind::ListValue(ListValue { values: values.into_iter().map(to_value).collect() }),
        Json::Object(fields) => Kind::StructValue(Struct {
            fields: fields.into_iter().map(|(name, value)| (name, to_value(value))).collect(),
        }),
    };
    Value { kind: Some(kind) }
}

/// A struct as JSON.
pub(crate) fn to_json(fields: Struct) -> Json {
    Json::Object(fields.fields.into_iter().map(|(name, value)| (name, value_to_json(value))).collect::<Map<_, _>>())
}

/// A value as JSON.
pub(crate) fn value_to_json(value: Value) -> Json {
    match value.kind {
        None | Some(Kind::NullValue(_)) => Json::Null,
        Some(Kind::BoolValue(value)) => Json::Bool(value),
        Some(Kind::NumberValue(value)) => number_to_json(value),
        Some(Kind::StringValue(value)) => Json::String(value),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(value_to_json).collect(),
        Some(Kind::StructValue(fields)) => to_json(fields),
    }
}

/// Whole numbers without `.0`, as they were before they became doubles.
fn number_to_json(value: f64) -> Json {
    let text = value.to_string();
    text.parse::<i64>().map_or_else(|_| Json::from(value), Json::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_texts_or_json() {
        let claims =
            ["name=Alice Ito", "zoneinfo=", "updated_at:=1700000000", r#"address:={"locality":"Graz"}"#, "a=b=c"];
        let claims = claims.into_iter().map(|claim| Claim::parse(claim).expect(claim)).collect();
        let expected = json!({
            "name": "Alice Ito", "zoneinfo": "", "updated_at": 1_700_000_000, "address": {"locality": "Graz"}, "a": "b=c"
        });
        assert_eq!(to_json(Claim::collect(claims)), expected);
    }

    #[test]
    fn a_claim_without_name_or_value_is_refused() {
        for bad in ["name", "=Alice", ":=1", "address:={"] {
            assert!(Claim::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_survives_the_journey() {
        let json = json!({"a": [1, -2.5, true, null, "x"], "b": {"c": {}}});
        let Json::Object(fields) = json.clone() else { unreachable!("an object") };
        let claims = fields.into_iter().map(|(name, value)| Claim { name, value }).collect();
        assert_eq!(to_json(Claim::collect(claims)), json);
    }
}

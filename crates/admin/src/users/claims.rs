//! Claims about a user: `google.protobuf.Struct` as JSON, and back.

use chancery_domain::user::UserClaims;
use prost_types::{ListValue, Struct, Value, value::Kind};
use serde_json::{Map, Number, Value as Json};

use crate::status::Refusal;

const FIELD: &str = "user.claims";
/// How deep claims may be nested: an address has one level.
const DEEPEST: u32 = 8;
/// Beyond this a double does not tell neighbouring integers apart.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads the claims that somebody sent.
pub(super) fn read(sent: Option<Struct>) -> Result<UserClaims, Refusal> {
    let claims = sent.map_or_else(|| Ok(Map::new()), |sent| object(sent, 0))?;
    UserClaims::parse(claims).map_err(|malformed| Refusal::malformed(FIELD, &malformed))
}

/// The claims for an answer; none where there are none.
pub(super) fn write(claims: &UserClaims) -> Option<Struct> {
    (!claims.as_map().is_empty()).then(|| fields(claims.as_map()))
}

fn object(sent: Struct, depth: u32) -> Result<Map<String, Json>, Refusal> {
    sent.fields.into_iter().map(|(name, value)| Ok((name, json(value, depth)?))).collect()
}

fn json(sent: Value, depth: u32) -> Result<Json, Refusal> {
    if depth > DEEPEST {
        return Err(Refusal::field(FIELD, format!("must not be nested deeper than {DEEPEST} levels")));
    }
    match sent.kind {
        None | Some(Kind::NullValue(_)) => Ok(Json::Null),
        Some(Kind::BoolValue(flag)) => Ok(flag.into()),
        Some(Kind::StringValue(text)) => Ok(text.into()),
        Some(Kind::NumberValue(number)) => numeral(number),
        Some(Kind::StructValue(inner)) => object(inner, depth + 1).map(Json::Object),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(|value| json(value, depth + 1)).collect(),
    }
}

/// A whole number stays one: `1` and not `1.0`.
fn numeral(number: f64) -> Result<Json, Refusal> {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within what both types hold exactly")]
        return Ok((number as i64).into());
    }
    let finite = Number::from_f64(number).map(Json::Number);
    finite.ok_or_else(|| Refusal::field(FIELD, "must hold finite numbers"))
}

fn fields(map: &Map<String, Json>) -> Struct {
    Struct { fields: map.iter().map(|(name, value)| (name.clone(), message(value))).collect() }
}

fn message(value: &Json) -> Value {
    let kind = match value {
        Json::Null => Kind::NullValue(0),
        Json::Bool(flag) => Kind::BoolValue(*flag),
        Json::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Json::String(text) => Kind::StringValue(text.clone()),
        Json::Array(list) => Kind::ListValue(ListValue { values: list.iter().map(message).collect() }),
        Json::Object(map) => Kind::StructValue(fields(map)),
    };
    Value { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_come_back_as_they_were_sent() {
        let json = r#"{"address":{"country":"NL"},"name":"Ada","score":1.5,"tags":["a",true],"visits":7}"#;
        let claims = UserClaims::parse(serde_json::from_str(json).expect("json")).expect("claims");
        let again = read(write(&claims)).expect("claims");
        assert_eq!(serde_json::to_string(again.as_map()).expect("json"), json);
        assert!(write(&UserClaims::default()).is_none());
    }

    #[test]
    fn what_is_no_claim_is_refused() {
        let one = |name: &str, kind: Kind| {
            let fields = [(name.to_owned(), Value { kind: Some(kind) })];
            Some(Struct { fields: fields.into_iter().collect() })
        };
        assert!(read(one("iss", Kind::StringValue("x".into()))).is_err());
        assert!(read(one("name", Kind::BoolValue(true))).is_err());
        assert!(read(one("x", Kind::NumberValue(f64::NAN))).is_err());
        let mut deep = Kind::BoolValue(true);
        for _ in 0..20 {
            deep = Kind::ListValue(ListValue { values: vec![Value { kind: Some(deep) }] });
        }
        assert!(read(one("x", deep)).is_err());
    }
}

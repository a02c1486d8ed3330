//! Claims about a user: `google.protobuf.Struct` as JSON, and back.

use chancery_domain::user::UserClaims;
use prost_types::Struct;
use serde_json::Map;

use crate::{json, status::Refusal};

const FIELD: &str = "user.claims";

/// Reads the claims that somebody sent.
pub(super) fn read(sent: Option<Struct>) -> Result<UserClaims, Refusal> {
    let claims = sent.map_or_else(|| Ok(Map::new()), |sent| json::read_object(FIELD, sent))?;
    UserClaims::parse(claims).map_err(|malformed| Refusal::malformed(FIELD, &malformed))
}

/// The claims for an answer; none where there are none.
pub(super) fn write(claims: &UserClaims) -> Option<Struct> {
    (!claims.as_map().is_empty()).then(|| json::write_object(claims.as_map()))
}

#[cfg(test)]
mod tests {
    use prost_types::{ListValue, Value, value::Kind};

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

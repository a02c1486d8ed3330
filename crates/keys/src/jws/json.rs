//! The JSON of tokens.

use chancery_domain::strict_json;
use serde_json::{Map, Value};

/// How deep values may lie in one another: claims may be whatever a tenant's mappings put there.
const DEEPEST: u8 = 100;

/// Reads an object; `None` when it is none, or when a member stands twice in it, at any depth (RFC 8725 section 2.4, RFC
/// 7515 section 4).
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    strict_json::object(bytes, DEEPEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_stands_once() {
        let read = object(br#"{"a":[1,-2,0.5,null,true,{"b":"c"}],"b":{}}"#).expect("an object");
        assert_eq!(read["a"][5]["b"], "c");
        for bad in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#, "[]", "1", "{} {}", "", "{"] {
            assert!(object(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}

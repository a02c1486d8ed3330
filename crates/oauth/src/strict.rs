//! JSON as strangers send it to the endpoints.

use chancery_domain::strict_json;
use serde_json::{Map, Value};

/// How deep values may lie in one another. What the specifications name lies four deep.
const DEEPEST: u8 = 16;

/// Reads an object in which no member stands twice, and that is not too deep.
pub(crate) fn object(text: &str) -> Option<Map<String, Value>> {
    strict_json::object(text.as_bytes(), DEEPEST)
}

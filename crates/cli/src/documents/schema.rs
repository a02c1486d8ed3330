//! The JSON Schema of documents, from the descriptors of the contract: for editors that complete and check while one
//! types.

use std::collections::BTreeMap;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value as Json, json};

use super::contract;

/// The schema.
pub(super) fn schema() -> String {
    let mut definitions = BTreeMap::new();
    let document = contract::document();
    message(&document, &mut definitions);
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Chancery tenant document",
        "$ref": format!("#/$defs/{}", document.name()),
        "$defs": definitions,
    });
    format!("{schema:#}\n")
}

fn message(of: &MessageDescriptor, definitions: &mut BTreeMap<String, Json>) {
    if definitions.contains_key(of.name()) {
        return;
    }
    // Its place is taken before its fields are looked at, so that a message may hold itself.
    definitions.insert(of.name().to_owned(), Json::Null);
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in contract::fields(of) {
        let mut schema = list(&field, definitions);
        let comment = contract::comment(&field.parent_message().parent_file(), field.path());
        if !comment.is_empty() {
            schema["description"] = comment.into();
        }
        let is_resource = contract::pattern(of).is_some();
        let is_named = field.name() == "name" && is_resource;
        let is_document = of.full_name() == contract::document().full_name();
        if is_named || (contract::is(&field, contract::Behavior::Required) && (is_resource || is_document)) {
            required.push(field.name().to_owned());
        }
        properties.insert(field.name().to_owned(), schema);
    }
    let schema = json!({
        "type": "object",
        "description": contract::comment(&of.parent_file(), of.path()),
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    definitions.insert(of.name().to_owned(), schema);
}

fn list(field: &FieldDescriptor, definitions: &mut BTreeMap<String, Json>) -> Json {
    let one = value(&field.kind(), definitions);
    if field.is_list() { json!({ "type": "array", "items": one }) } else { one }
}

fn value(kind: &Kind, definitions: &mut BTreeMap<String, Json>) -> Json {
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::String | Kind::Bytes => json!({ "type": "string" }),
        Kind::Double | Kind::Float => json!({ "type": "number" }),
        Kind::Uint32 | Kind::Fixed32 | Kind::Uint64 | Kind::Fixed64 => json!({ "type": "integer", "minimum": 0 }),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            json!({ "type": "integer" })
        }
        Kind::Enum(of) => {
            let words: Vec<_> = contract::words(of).into_iter().map(|(word, _)| word).collect();
            json!({ "enum": words })
        }
        Kind::Message(_) if contract::is_span(kind) => json!({ "type": "string", "pattern": "^[0-9]+[smhd]$" }),
        // Anything.
        Kind::Message(_) if contract::is_json(kind) => json!({}),
        Kind::Message(of) => {
            message(of, definitions);
            json!({ "$ref": format!("#/$defs/{}", of.name()) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_one_of_the_contract() {
        let committed = include_str!("../../../../proto/tenant-document.schema.json");
        assert!(committed == schema(), "run: chancery document schema > proto/tenant-document.schema.json");
    }

    #[test]
    fn a_document_begins_with_its_tenant() {
        let schema: Json = serde_json::from_str(&schema()).expect("JSON");
        let definitions = &schema["$defs"];
        assert_eq!(definitions["TenantDocument"]["required"], json!(["tenant"]));
        assert_eq!(definitions["Client"]["properties"]["kind"]["enum"], json!(["web", "native", "service"]));
        assert!(definitions["Tenant"]["properties"].get("uid").is_none(), "what the server tells is not given");
        let comment = definitions["TenantSettings"]["properties"]["code_ttl"]["description"].as_str();
        assert!(comment.is_some_and(|comment| comment.contains("RFC 6749")));
    }
}

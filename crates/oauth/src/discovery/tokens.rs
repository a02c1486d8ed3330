//! What tokens and answers can look like (OpenID Connect Discovery section 3, RFC 9701 section 7, JARM section 4).

use chancery_domain::vocabulary::{Algorithm, ContentEncryption, KeyManagement, SubjectType};
use serde_json::{Map, Value, json};

/// The members. Whatever the tenant signs with, its clients may choose.
pub(super) fn members(signing: &[Algorithm]) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: String, value: Value| drop(members.insert(name, value));
    put("subject_types_supported".to_owned(), json!(SubjectType::ALL));
    for answer in ["userinfo", "introspection"] {
        put(format!("{answer}_signing_alg_values_supported"), json!(signing));
    }
    for answer in ["id_token", "userinfo", "authorization"] {
        put(format!("{answer}_encryption_alg_values_supported"), json!(KeyManagement::ALL));
        put(format!("{answer}_encryption_enc_values_supported"), json!(ContentEncryption::ALL));
    }
    members
}

//! What tokens and answers can look like (OpenID Connect Discovery section 3, RFC 9701 section 7, JARM section 4).

use chancery_domain::{
    tenant::{DpopPolicy, Tenant},
    vocabulary::{Algorithm, ContentEncryption, KeyManagement, SubjectType},
};
use serde_json::{Map, Value, json};

use crate::dpop;

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

/// What DPoP proofs may be signed with, where they are looked at (RFC 9449 section 5.1).
pub(super) fn dpop(tenant: &Tenant) -> Option<(String, Value)> {
    let looked_at = tenant.settings.dpop != DpopPolicy::Off;
    looked_at.then(|| ("dpop_signing_alg_values_supported".to_owned(), json!(dpop::ALGORITHMS)))
}

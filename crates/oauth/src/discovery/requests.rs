//! How clients prove themselves, and how requests may be pushed and signed (RFC 9126 section 5, RFC 9101 section 10.5,
//! OpenID Connect Discovery section 3).

use chancery_domain::{
    issuer::Issuer,
    tenant::Tenant,
    vocabulary::{Algorithm, ClientAuthMethod, ContentEncryption, KeyManagement, MacAlgorithm},
};
use serde_json::{Map, Value, json};

use crate::endpoints;

/// The members.
pub(super) fn members(tenant: &Tenant, issuer: &Issuer) -> Map<String, Value> {
    let takes_objects = tenant.profile.takes_request_objects();
    // Those of certificates are added where certificates can be shown.
    let usual: Vec<_> = ClientAuthMethod::ALL.iter().filter(|method| !method.is_certificate()).collect();
    let confidential: Vec<_> = usual.iter().filter(|method| ***method != ClientAuthMethod::None).collect();
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    put("token_endpoint_auth_methods_supported", json!(usual));
    put("revocation_endpoint_auth_methods_supported", json!(usual));
    put("introspection_endpoint_auth_methods_supported", json!(confidential));
    for endpoint in ["token", "revocation", "introspection"] {
        put(&format!("{endpoint}_endpoint_auth_signing_alg_values_supported"), json!(algorithms()));
    }
    put("pushed_authorization_request_endpoint", issuer.at(endpoints::PUSHED_AUTHORIZATION).into());
    let required = tenant.settings.require_pushed_authorization_requests;
    put("require_pushed_authorization_requests", required.into());
    put("request_parameter_supported", takes_objects.into());
    put("request_uri_parameter_supported", takes_objects.into());
    if takes_objects {
        put("require_request_uri_registration", true.into());
        put("request_object_signing_alg_values_supported", json!(algorithms()));
    }
    if tenant.takes_encrypted_requests() {
        put("request_object_encryption_alg_values_supported", json!(KeyManagement::ALL));
        put("request_object_encryption_enc_values_supported", json!(ContentEncryption::ALL));
    }
    members
}

/// What clients may sign with: their keys, and their secrets.
fn algorithms() -> Vec<&'static str> {
    let of_keys = Algorithm::ALL.iter().map(|algorithm| algorithm.as_str());
    of_keys.chain(MacAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str())).collect()
}

//! What is added where clients can show certificates (RFC 8705 sections 2, 3.3 and 5).

use chancery_domain::{
    issuer::Issuer,
    ports::client_certificates::JudgeCertificates,
    tenant::Tenant,
    vocabulary::{ClientAuthMethod, GrantType},
};
use serde_json::{Map, Value};

use crate::endpoints;

/// The endpoints at which clients, or what they were given, can be held against a certificate.
const ALIASED: [(&str, &str); 6] = [
    ("token_endpoint", endpoints::TOKEN),
    ("revocation_endpoint", endpoints::REVOKE),
    ("introspection_endpoint", endpoints::INTROSPECT),
    ("pushed_authorization_request_endpoint", endpoints::PUSHED_AUTHORIZATION),
    ("device_authorization_endpoint", endpoints::DEVICE_AUTHORIZATION),
    ("userinfo_endpoint", endpoints::USERINFO),
];

/// The metadata of a tenant of a deployment that certificates reach: with the methods by which they prove clients, and with
/// the addresses at which they are asked for, where these are others. There every tenant has a path, also one that has a
/// host for itself.
#[must_use]
pub fn with_certificates(
    mut document: Value,
    tenant: &Tenant,
    judge: &dyn JudgeCertificates,
    place: Option<&Issuer>,
) -> Value {
    for endpoint in ["token", "revocation", "introspection"] {
        if let Some(methods) = document[format!("{endpoint}_endpoint_auth_methods_supported")].as_array_mut() {
            let by_authority = judge.has_authorities().then_some(ClientAuthMethod::Tls);
            let added = by_authority.into_iter().chain([ClientAuthMethod::SelfSignedTls]);
            methods.extend(added.map(|method| method.as_str().into()));
        }
    }
    document["tls_client_certificate_bound_access_tokens"] = true.into();
    if let Some(there) = place {
        let offered =
            |(name, _): &(&str, &str)| *name != "device_authorization_endpoint" || tenant.offers(GrantType::DeviceCode);
        let aliases = ALIASED.into_iter().filter(offered).map(|(name, path)| (name.to_owned(), there.at(path).into()));
        document["mtls_endpoint_aliases"] = Value::Object(aliases.collect::<Map<_, _>>());
    }
    document
}

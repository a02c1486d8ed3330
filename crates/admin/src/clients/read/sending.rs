//! What a client registers about how it proves itself with signed texts, and how it sends authorization requests.

use chancery_domain::{
    client::{ClientRequests, Encryption, RequestUri},
    profile::Profile,
    vocabulary::ClientAlgorithm,
};
use chancery_proto::v1;

use super::each;
use crate::status::Refusal;

/// Reads it, for a tenant of that profile.
pub(super) fn read(sent: &v1::Client, profile: Profile) -> Result<ClientRequests, Refusal> {
    let requests = ClientRequests {
        assertion_alg: signing("token_endpoint_auth_signing_alg", &sent.token_endpoint_auth_signing_alg)?,
        require_pushed: sent.require_pushed_authorization_requests,
        object_alg: signing("request_object_signing_alg", &sent.request_object_signing_alg)?,
        object_encryption: encryption(&sent.request_object_encryption_alg, &sent.request_object_encryption_enc)?,
        require_object: sent.require_signed_request_object,
        uris: each::<_, RequestUri, _>("request_uris", &sent.request_uris, |uri| uri.parse())?,
    };
    if requests.uses_objects() && !profile.takes_request_objects() {
        let field = match (&requests.object_alg, requests.object_encryption, requests.require_object) {
            (Some(_), _, _) => "client.request_object_signing_alg",
            (None, Some(_), _) => "client.request_object_encryption_alg",
            (None, None, true) => "client.require_signed_request_object",
            (None, None, false) => "client.request_uris",
        };
        return Err(Refusal::field(field, "must be empty under PROFILE_OAUTH21, which takes no request objects"));
    }
    Ok(requests)
}

fn signing(field: &str, sent: &str) -> Result<Option<ClientAlgorithm>, Refusal> {
    if sent.is_empty() {
        return Ok(None);
    }
    let read = sent.parse().map(Some);
    read.map_err(|malformed| Refusal::malformed(format!("client.{field}"), &malformed))
}

/// How request objects are encrypted, as a pair.
fn encryption(alg: &str, enc: &str) -> Result<Option<Encryption>, Refusal> {
    let given = |sent: &'_ str| (!sent.is_empty()).then(|| sent.to_owned());
    let (alg, enc) = (given(alg), given(enc));
    Encryption::registered(alg.as_deref(), enc.as_deref()).map_err(|malformed| {
        Refusal::malformed(format!("client.request_object_encryption_{}", malformed.what), &malformed)
    })
}

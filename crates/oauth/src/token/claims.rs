//! What our tokens say, as JSON text ready to be signed. Times are whole seconds since 1970.

use std::fmt::Display;

use chancery_domain::{
    confirmation::Confirmation,
    fault::Fault,
    id::SessionId,
    scope::{ScopeSet, ScopeValue},
    secret::base64url,
    token_id::TokenId,
    vocabulary::{AccessTokenFormat, Acr, Algorithm},
};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256, Sha384, Sha512};
use shake::{ExtendableOutput, Shake256};

use super::{
    Call,
    granted::{Authentication, Granted},
};
use crate::{
    resources::{Aud, Audience},
    subject,
};

/// An access token (RFC 9068 section 2.2). Its audience is the resources that it is for, and the issuer where our own
/// endpoints are meant, or whoever accepts the tokens of this issuer. In the HMAC form the client stands in the issuer's
/// place, and the scopes in a list as well, as the consumers of that form expect.
#[derive(Serialize)]
struct AccessToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Aud<'a>,
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(serialize_with = "as_text")]
    jti: &'a TokenId,
    client_id: &'a str,
    #[serde(serialize_with = "as_text", skip_serializing_if = "is_empty")]
    scope: &'a ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<Vec<&'a ScopeValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// An ID token (OpenID Connect Core section 2). What is known about the person stands in UserInfo, and here only where a
/// claim mapping says so.
#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    azp: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s_hash: Option<&'a str>,
    sid: SessionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<Acr>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    amr: &'a [String],
}

/// What an ID token says of what goes out beside it: half of each one's hash.
pub(super) struct Hashes {
    pub(super) access_token: Option<String>,
    pub(super) code: Option<String>,
    pub(super) state: Option<String>,
}

/// The claims of an access token.
pub(super) fn access_token(
    call: &Call<'_>,
    granted: &Granted,
    audience: &Audience<'_>,
    jti: &TokenId,
    format: AccessTokenFormat,
) -> Result<Vec<u8>, Fault> {
    let user = granted.authentication.as_ref();
    let client = granted.exchanged.as_ref().and_then(|exchanged| exchanged.client.as_ref());
    let client = client.unwrap_or(&call.client.id);
    let (home, scp) = match format {
        AccessTokenFormat::Jwt | AccessTokenFormat::Opaque => (call.view.issuer.as_str(), None),
        AccessTokenFormat::Hmac => (call.client.id.as_str(), Some(granted.scopes.iter().collect())),
    };
    let sub = match user {
        Some(user) => subject::of(call.view, call.client, user.user)?,
        None => client.to_string(),
    };
    json(&AccessToken {
        iss: call.view.issuer.as_str(),
        sub: &sub,
        aud: audience.claim(home),
        exp: (call.now + granted.access_ttl(call, audience)).seconds(),
        iat: call.now.seconds(),
        auth_time: user.map(|user| user.at.seconds()),
        jti,
        client_id: call.client.id.as_str(),
        scope: &granted.scopes,
        scp,
        cnf: call.confirmation(),
    })
}

/// The claims of an ID token.
pub(super) fn id_token(call: &Call<'_>, user: &Authentication, hashes: &Hashes) -> Result<Vec<u8>, Fault> {
    json(&IdToken {
        iss: call.view.issuer.as_str(),
        sub: &subject::of(call.view, call.client, user.user)?,
        aud: call.client.id.as_str(),
        azp: call.client.id.as_str(),
        exp: (call.now + call.view.id_token_ttl(call.client)).seconds(),
        iat: call.now.seconds(),
        auth_time: user.at.seconds(),
        nonce: user.nonce.as_deref(),
        at_hash: hashes.access_token.as_deref(),
        c_hash: hashes.code.as_deref(),
        s_hash: hashes.state.as_deref(),
        sid: user.session,
        acr: user.acr,
        amr: &user.amr,
    })
}

/// The left half of the hash of an access token, a code or a `state`, by the hash of the signature (OpenID Connect Core
/// sections 3.1.3.6 and 3.3.2.11, FAPI 1.0 Advanced section 5.2.2.1).
/// Ed25519 hashes with SHA-512, ML-DSA with SHAKE256, of which clients take 64 bytes.
pub(super) fn half_of_hash(algorithm: Algorithm, text: &str) -> String {
    let token = text.as_bytes();
    match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => half_of_sha256(text),
        Algorithm::Es384 | Algorithm::Rs384 | Algorithm::Ps384 => base64url(&Sha384::digest(token)[..24]),
        Algorithm::Es512 | Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDsa => {
            base64url(&Sha512::digest(token)[..32])
        }
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
            let mut hash = [0; 64];
            <Shake256 as ExtendableOutput>::digest_xof(token, &mut hash);
            base64url(&hash[..32])
        }
    }
}

/// The same for HS256, and for all that hash with SHA-256.
pub(super) fn half_of_sha256(text: &str) -> String {
    base64url(&Sha256::digest(text)[..16])
}

fn json(claims: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(claims).map_err(|error| Fault::broken("claims cannot be written", error))
}

fn as_text<S: Serializer>(value: &(impl Display + ?Sized), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference to the field")]
fn is_empty(scopes: &&ScopeSet) -> bool {
    scopes.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures were worked out with Python's `hashlib`.
    #[test]
    fn a_token_is_hashed_as_it_was_signed() {
        let cases = [
            (Algorithm::Es256, "PEaenWxYddN6Q_NT1PiOYQ"),
            (Algorithm::Rs384, "Cm6hANx1qgPTYYSWu3KFaieklEAsPkh3"),
            (Algorithm::EdDsa, "ImXaughy_DrvFp0Hk2XlkPDLyO1GwqeYTIpkKAPP2Ww"),
            (Algorithm::MlDsa65, "ZpsVsPHyCxw-L854tH1BSHo_uyeotZeU9GcDngReCYY"),
        ];
        for (algorithm, hash) in cases {
            assert_eq!(half_of_hash(algorithm, "token"), hash, "{algorithm}");
        }
    }
}

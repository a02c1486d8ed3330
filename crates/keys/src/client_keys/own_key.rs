//! A JWS that carries the key which signed it.

use chancery_domain::{
    ports::{
        client_jose::{SelfSigned, TypRule},
        jose::Untrusted,
    },
    vocabulary::{Algorithm, ClientAlgorithm},
};
use serde_json::Value;

use super::{Signed, set};

/// What it says, once form, algorithm, type, key and signature are right.
pub(super) fn proven(token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<SelfSigned, Untrusted> {
    let signed = Signed::read(token)?;
    let algorithm = match signed.algorithm() {
        Some(ClientAlgorithm::Key(algorithm)) if algorithms.contains(&algorithm) => algorithm,
        Some(ClientAlgorithm::Key(_) | ClientAlgorithm::Secret(_)) | None => return Err(Untrusted::WrongAlgorithm),
    };
    signed.is_of(typ)?;
    let Some(Value::Object(jwk)) = signed.own_key() else { return Err(Untrusted::UnknownKey) };
    let key = set::one(jwk.clone(), "jwk").ok().flatten().ok_or(Untrusted::UnknownKey)?;
    let verifier = key.verifier(algorithm).ok_or(Untrusted::UnknownKey)?;
    let (bytes, signature) = signed.bytes();
    verifier.verify_sig(bytes, signature).map_err(|_| Untrusted::BadSignature)?;
    let thumbprint = key.thumbprint(algorithm).ok_or(Untrusted::UnknownKey)?;
    Ok(SelfSigned { jws: signed.jws()?, thumbprint })
}

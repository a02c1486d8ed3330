//! What the algorithms of JWS are called in PKCS#11, and what a mechanism wants to be given.

use std::ffi::c_ulong;

use chancery_domain::{key_spec::KeySpec, vocabulary::Algorithm};
use cryptoki::{
    error::Error,
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    object::ObjectHandle,
    session::Session,
};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// What a token must be able to do for a key.
pub(crate) struct Needs {
    /// To make it.
    pub(crate) making: MechanismType,
    /// Its size, where tokens count it alike.
    pub(crate) bits: Option<usize>,
    /// To sign with it.
    pub(crate) signing: MechanismType,
}

/// What a token must be able to do; `None` where PKCS#11 before 3.2 has no name for it.
pub(crate) const fn needs(spec: KeySpec) -> Option<Needs> {
    let (making, bits, signing) = match spec.algorithm {
        Algorithm::Es256 => (MechanismType::ECC_KEY_PAIR_GEN, Some(256), MechanismType::ECDSA),
        Algorithm::Es384 => (MechanismType::ECC_KEY_PAIR_GEN, Some(384), MechanismType::ECDSA),
        Algorithm::Es512 => (MechanismType::ECC_KEY_PAIR_GEN, Some(521), MechanismType::ECDSA),
        // Some count 255 bits, some 256.
        Algorithm::EdDsa => (MechanismType::ECC_EDWARDS_KEY_PAIR_GEN, None, MechanismType::EDDSA),
        Algorithm::Rs256 => rsa(spec, MechanismType::SHA256_RSA_PKCS),
        Algorithm::Rs384 => rsa(spec, MechanismType::SHA384_RSA_PKCS),
        Algorithm::Rs512 => rsa(spec, MechanismType::SHA512_RSA_PKCS),
        Algorithm::Ps256 => rsa(spec, MechanismType::SHA256_RSA_PKCS_PSS),
        Algorithm::Ps384 => rsa(spec, MechanismType::SHA384_RSA_PKCS_PSS),
        Algorithm::Ps512 => rsa(spec, MechanismType::SHA512_RSA_PKCS_PSS),
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => return None,
    };
    Some(Needs { making, bits, signing })
}

const fn rsa(spec: KeySpec, signing: MechanismType) -> (MechanismType, Option<usize>, MechanismType) {
    (MechanismType::RSA_PKCS_KEY_PAIR_GEN, Some(spec.rsa_bits.bits() as usize), signing)
}

/// Signs with a private key. ECDSA is given the digest: every token can do that, and answers with r and s at full
/// length, which is the form of JWS (RFC 7518 section 3.4).
pub(crate) fn sign(
    session: &Session,
    algorithm: Algorithm,
    key: ObjectHandle,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    match algorithm {
        Algorithm::Es256 => session.sign(&Mechanism::Ecdsa, key, &Sha256::digest(message)),
        Algorithm::Es384 => session.sign(&Mechanism::Ecdsa, key, &Sha384::digest(message)),
        Algorithm::Es512 => session.sign(&Mechanism::Ecdsa, key, &Sha512::digest(message)),
        Algorithm::EdDsa => session.sign(&Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)), key, message),
        Algorithm::Rs256 => session.sign(&Mechanism::Sha256RsaPkcs, key, message),
        Algorithm::Rs384 => session.sign(&Mechanism::Sha384RsaPkcs, key, message),
        Algorithm::Rs512 => session.sign(&Mechanism::Sha512RsaPkcs, key, message),
        Algorithm::Ps256 => {
            let salted = pss(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32);
            session.sign(&Mechanism::Sha256RsaPkcsPss(salted), key, message)
        }
        Algorithm::Ps384 => {
            let salted = pss(MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48);
            session.sign(&Mechanism::Sha384RsaPkcsPss(salted), key, message)
        }
        Algorithm::Ps512 => {
            let salted = pss(MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64);
            session.sign(&Mechanism::Sha512RsaPkcsPss(salted), key, message)
        }
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => Err(Error::NotSupported),
    }
}

/// The salt is as long as the digest (RFC 7518 section 3.5).
fn pss(hash_alg: MechanismType, mgf: PkcsMgfType, salt: u32) -> PkcsPssParams {
    PkcsPssParams { hash_alg, mgf, s_len: c_ulong::from(salt).into() }
}

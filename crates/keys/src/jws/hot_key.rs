//! Private keys in the memory of this process: opened once, kept hot.

use aws_lc_rs::{
    error::{KeyRejected, Unspecified},
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, PqdsaKeyPair, RsaEncoding, RsaKeyPair},
};
use chancery_domain::{fault::Fault, vocabulary::Algorithm};

use crate::custodian::PrivateKey;

/// The longest modulus whose signatures are made on the thread that asks, in bytes.
const INLINE_MODULUS: usize = 256;

/// A private key, ready to sign.
pub(crate) enum HotKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

impl HotKey {
    /// Reads a private key (PKCS#8, RFC 5958).
    pub(crate) fn load(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Fault> {
        Self::read(algorithm, pkcs8).map_err(|error| Fault::broken("a private key could not be loaded", error))
    }

    fn read(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        let ec = |curve| EcdsaKeyPair::from_pkcs8(curve, pkcs8).map(Self::Ec);
        let rsa =
            |encoding: &'static dyn RsaEncoding| RsaKeyPair::from_pkcs8(pkcs8).map(|key| Self::Rsa(key, encoding));
        let ml_dsa = |algorithm| PqdsaKeyPair::from_pkcs8(algorithm, pkcs8).map(Self::MlDsa);
        match algorithm {
            Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::Es512 => ec(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::Ed),
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512),
            Algorithm::MlDsa44 => ml_dsa(&signature::ML_DSA_44_SIGNING),
            Algorithm::MlDsa65 => ml_dsa(&signature::ML_DSA_65_SIGNING),
            Algorithm::MlDsa87 => ml_dsa(&signature::ML_DSA_87_SIGNING),
        }
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::Ec(key) => Ok(key.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Self::Ed(key) => Ok(key.try_sign(message)?.as_ref().to_vec()),
            Self::MlDsa(key) => {
                let mut signature = vec![0; key.algorithm().signature_len()];
                key.sign(message, &mut signature)?;
                Ok(signature)
            }
        }
    }
}

impl PrivateKey for HotKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        self.signature(message).map_err(|_| Fault::bug("a signature could not be made"))
    }

    fn is_slow(&self) -> bool {
        match self {
            // A millisecond and more. Of 2048 bits it is a quarter of one, and going to another thread and back would
            // add a fifth to that.
            Self::Rsa(key, _) => key.public_modulus_len() > INLINE_MODULUS,
            Self::Ec(_) | Self::Ed(_) | Self::MlDsa(_) => false,
        }
    }
}

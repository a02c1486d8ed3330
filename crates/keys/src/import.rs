//! Reading foreign key material: the keys that a tenant brings along from elsewhere.
//!
//! The way in is the same for every form. It is told apart (`form`), its numbers are taken out (`der`,
//! `encrypted`, `openssh`, `jwk`) and believed only when they are of one sound key (`proved`); an algorithm is
//! settled (`kind`), and a private key signs and verifies once (`proof`). What comes out is written anew in our own
//! form, so that nothing of the file but its numbers gets further. All of this is pure: no store, no tenant, no chance.

use std::fmt;

use chancery_domain::{fault::Fault, id::KeyId, vocabulary::Algorithm};
use serde_json::{Map, Value};

use crate::{
    generate::KeyPair,
    jwk::{Jwk, Numbers},
};

mod der;
mod encrypted;
mod error;
mod form;
mod jwk;
mod kind;
mod oid;
mod openssh;
mod pem;
mod proof;
mod proved;
mod unproved;

pub use error::ImportError;
use proved::Proved;

/// Longer material is not looked at, in bytes. An RSA key of 8192 bits takes about a tenth of it.
pub const LONGEST: usize = 64 * 1024;

/// A foreign key, checked and ready to be taken over.
pub struct Imported {
    key: ImportedKey,
    kid: Option<String>,
    thumbprint: String,
}

/// What there is of the key.
pub enum ImportedKey {
    /// Both parts: it can sign.
    Pair(KeyPair),
    /// The public part alone: it can verify.
    Public(PublicKey),
}

/// A public key without its private part.
#[derive(Clone)]
pub struct PublicKey {
    /// The one algorithm that the key is for.
    pub algorithm: Algorithm,
    pub(crate) numbers: Numbers,
}

impl PublicKey {
    /// The JWK to publish under that name.
    pub fn jwk(&self, kid: KeyId) -> Result<String, Fault> {
        Jwk::new(kid, self.algorithm, self.numbers.clone()).to_json()
    }
}

/// Reads one key: PEM (PKCS#8 also encrypted, PKCS#1, SEC 1, SPKI), the private and public forms of OpenSSH, a JWK or a
/// JWK Set of one, or the same structures in DER.
///
/// `passphrase` opens an encrypted key; an empty one counts as none. `wanted` is the algorithm that the key is to serve:
/// needed for RSA unless a JWK names it, implied by the curve otherwise.
///
/// A large RSA key takes a tenth of a second to check, and an encrypted key may take seconds to open: not for a thread
/// that serves others.
pub fn read(material: &[u8], passphrase: Option<&[u8]>, wanted: Option<Algorithm>) -> Result<Imported, ImportError> {
    if material.len() > LONGEST {
        return Err(ImportError::TooLong { bytes: material.len() });
    }
    let found = form::read(material, passphrase.filter(|passphrase| !passphrase.is_empty()))?;
    let Proved { kind, numbers, pkcs8 } = Proved::of(found.numbers)?;
    let algorithm = kind.algorithm(found.algorithm, wanted)?;
    let (key, thumbprint) = if let Some(pkcs8) = pkcs8 {
        let thumbprint = proof::signs_and_verifies(algorithm, &pkcs8, &numbers)?;
        (ImportedKey::Pair(KeyPair::of(algorithm, pkcs8, numbers)), thumbprint)
    } else {
        let thumbprint = proof::can_verify(algorithm, &numbers)?;
        (ImportedKey::Public(PublicKey { algorithm, numbers }), thumbprint)
    };
    Ok(Imported { key, kid: found.kid, thumbprint })
}

/// The numbers of somebody else's public JWK, which is not taken over: as sound as those of a key that is.
pub(crate) fn public(jwk: Map<String, Value>) -> Result<Numbers, ImportError> {
    jwk::public(jwk).map(|proved| proved.numbers)
}

impl Imported {
    /// The algorithm that the key will serve.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match &self.key {
            ImportedKey::Pair(pair) => pair.algorithm(),
            ImportedKey::Public(key) => key.algorithm,
        }
    }

    /// The `kid` that a JWK carried: any text, not yet a key id.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The RFC 7638 thumbprint (SHA-256, base64url): the same for the same key in whatever form, private or public.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &ImportedKey {
        &self.key
    }

    /// The key, to be taken over.
    #[must_use]
    pub fn into_key(self) -> ImportedKey {
        self.key
    }
}

impl fmt::Debug for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Imported({}, ..)", self.algorithm())
    }
}

impl fmt::Debug for ImportedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pair(pair) => pair.fmt(f),
            Self::Public(key) => key.fmt(f),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, ..)", self.algorithm)
    }
}

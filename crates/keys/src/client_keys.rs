//! The public keys of clients: read with care (RFC 7517, RFC 8725 section 3.5), to verify what clients sign and to
//! encrypt for them.
//!
//! Whoever registers a client may write what they like into its JWK Set, so every number is held against the same rules
//! as a key that a tenant brings along ([`crate::import`]). What we do not know is passed over, since a set may serve
//! others as well; what could only be a mistake, a secret above all, is refused, and the error says where it stands.

use std::{fmt, sync::Arc};

use chancery_domain::{
    client::Encryption,
    fault::Malformed,
    ports::{
        client_jose::{ClientJws, ClientKeySet, Content, NotEncrypted, ReadClientKeys, SelfSigned, TypRule},
        jose::Untrusted,
    },
    vocabulary::{Algorithm, ClientAlgorithm},
};

use crate::{jwe, measure};

mod key;
mod own_key;
mod set;
mod signed;

use key::ClientKey;
pub(crate) use signed::Signed;

/// Reads clients' JWK Sets.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientKeyReader;

impl ReadClientKeys for ClientKeyReader {
    fn read(&self, jwks: &str) -> Result<Arc<dyn ClientKeySet>, Malformed> {
        Ok(Arc::new(KeySet(set::read(jwks)?)))
    }

    fn unproven(&self, token: &str) -> Result<ClientJws, Untrusted> {
        Signed::read(token)?.jws()
    }

    fn self_signed(&self, token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<SelfSigned, Untrusted> {
        own_key::proven(token, algorithms, typ).map_err(measure::untrusted)
    }
}

/// The keys of a client that can be of use here.
struct KeySet(Vec<ClientKey>);

impl ClientKeySet for KeySet {
    fn verify(&self, token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<ClientJws, Untrusted> {
        self.proven(token, algorithms, typ).map_err(measure::untrusted)
    }

    fn encrypt(&self, how: Encryption, content: Content<'_>) -> Result<String, NotEncrypted> {
        let (key, recipient) = self.recipient(how).ok_or(NotEncrypted::NoKey)?;
        Ok(jwe::encrypt(how, &recipient, key.kid(), content)?)
    }

    fn can_encrypt(&self, how: Encryption) -> bool {
        self.recipient(how).is_some()
    }
}

impl KeySet {
    fn proven(&self, token: &str, algorithms: &[Algorithm], typ: TypRule) -> Result<ClientJws, Untrusted> {
        let signed = Signed::read(token)?;
        let algorithm = match signed.algorithm() {
            Some(ClientAlgorithm::Key(algorithm)) if algorithms.contains(&algorithm) => algorithm,
            Some(ClientAlgorithm::Key(_) | ClientAlgorithm::Secret(_)) | None => return Err(Untrusted::WrongAlgorithm),
        };
        signed.is_of(typ)?;
        let named = |key: &&ClientKey| signed.kid().is_none_or(|kid| key.kid() == Some(kid));
        let fitting = self.0.iter().filter(named).filter_map(|key| key.verifier(algorithm));
        let mut fitting = fitting.peekable();
        if fitting.peek().is_none() {
            return Err(Untrusted::UnknownKey);
        }
        let (bytes, signature) = signed.bytes();
        let proven = fitting.any(|key| key.verify_sig(bytes, signature).is_ok());
        if proven { signed.jws() } else { Err(Untrusted::BadSignature) }
    }

    /// The key to encrypt to: one that says to be for it before one that says nothing, the first of several.
    fn recipient(&self, how: Encryption) -> Option<(&ClientKey, jwe::Recipient)> {
        let fitting = self.0.iter().filter_map(|key| Some((key, key.recipient(how.alg)?)));
        fitting.min_by_key(|(key, _)| key.vagueness())
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySet({} keys)", self.0.len())
    }
}
